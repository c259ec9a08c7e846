import { describe, expect, it } from 'vitest';
import { dayOf, daysAfter, inWords, textOf } from '../src/app/cards/days.ts';

describe('days', () => {
  it.each(['2026-01-31', '2028-02-29', '2026-12-31'])('%s comes back as it was', (text) => {
    expect(textOf(dayOf(text))).toBe(text);
  });

  it('are counted across months and years', () => {
    expect(textOf(daysAfter('2026-12-25', 14))).toBe('2027-01-08');
  });

  it.each([
    ['en-gb', 'Thu, 31 Dec 2026'],
    ['de', 'Do., 31. Dez. 2026'],
    ['en_GB', 'Thu, 31 Dec 2026'],
    ['no such locale', 'Thu, 31 Dec 2026'],
    [undefined, 'Thu, 31 Dec 2026'],
  ])('are written as people of %s write them', (locale, words) => {
    expect(inWords('2026-12-31', locale)).toBe(words);
  });
});
