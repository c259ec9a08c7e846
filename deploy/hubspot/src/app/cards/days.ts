// Days as the card's parts spell them: YYYY-MM-DD from Rekindle, {year, month from 0, date} in HubSpot's date input.
export interface Day {
  year: number;
  month: number;
  date: number;
}

export function dayOf(text: string): Day {
  const [year = 0, month = 1, date = 1] = text.split('-').map(Number);
  return { year, month: month - 1, date };
}

export function textOf(day: Day): string {
  return asUtc(day).toISOString().slice(0, 10);
}

export function daysAfter(text: string, days: number): Day {
  const then = asUtc(dayOf(text));
  then.setUTCDate(then.getUTCDate() + days);
  return { year: then.getUTCFullYear(), month: then.getUTCMonth(), date: then.getUTCDate() };
}

export function inWords(text: string, locale: string | undefined): string {
  return asUtc(dayOf(text)).toLocaleDateString(known(locale), {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
}

function asUtc(day: Day): Date {
  return new Date(Date.UTC(day.year, day.month, day.date));
}

// A locale that the browser does not know would keep the whole card from being shown.
function known(locale: string | undefined): string {
  try {
    return Intl.getCanonicalLocales(locale?.replace('_', '-') ?? 'en-GB')[0] ?? 'en-GB';
  } catch {
    return 'en-GB';
  }
}
