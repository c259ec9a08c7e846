// The card as a rep meets it, rendered by HubSpot's own test renderer over a Rekindle that answers from a list.
import { Alert, Button, DateInput, Link, LoadingSpinner, Tag, Text } from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DealCard } from '../src/app/cards/DealCard.tsx';
import type { Card } from '../src/app/cards/backend.ts';

const BASE = 'https://rekindle.example';
const CARD: Card = {
  state: 'Lost',
  category: 'Budget',
  sub_reason: 'frozen',
  needs_review: false,
  next: {
    reminder: 7,
    what: 'Get into the budget plan',
    due_on: '2026-12-31',
    why: "Contoso's fiscal year starts on 1 April; plans are made 150 days before.",
    is_assumed: true,
    is_held: false,
  },
  why_none: null,
  may_work: true,
  today: '2026-11-23',
  story: `${BASE}/deals/3`,
};

const PATIENT = { timeoutInMs: 60_000 }; // a machine that is busy shows it later
type Call = { url: string; options: { method: string; body?: Record<string, unknown>; timeout?: number } };
let calls: Call[];
let answers: Array<() => Promise<Response>>;

const said = (body: unknown, status = 200) => () => Promise.resolve(new Response(JSON.stringify(body), { status }));

beforeEach(() => {
  calls = [];
  answers = [];
  vi.stubGlobal('self', {
    hsFetch: (url: string, options: Call['options']) => {
      calls.push({ url, options });
      const next = answers.shift();
      return next ? next() : Promise.reject(new Error('no answer'));
    },
  });
});
afterEach(() => vi.unstubAllGlobals());

async function open(...given: typeof answers) {
  answers.push(...given);
  const renderer = createRenderer('crm.record.sidebar');
  const { context } = renderer.mocks;
  renderer.render(
    <DealCard
      context={{ ...context, variables: { REKINDLE_URL: `${BASE}/` }, crm: { ...context.crm, objectId: 17 } }}
    />,
  );
  expect(renderer.find(LoadingSpinner).props.label).toBe('Asking Rekindle');
  await renderer.waitFor(() => expect(renderer.maybeFind(LoadingSpinner)).toBeNull(), PATIENT);
  const words = () => renderer.findAll(Text).map((one) => one.text);
  const press = (label: string) => renderer.find(Button, (node) => node.text === label).trigger('onClick');
  const buttons = () => renderer.findAll(Button).map((one) => one.text);
  return { renderer, words, press, buttons };
}

describe('what it shows', () => {
  it('asks for this deal at the address of the profile', async () => {
    await open(said(CARD));

    expect(calls).toEqual([{ url: `${BASE}/cards/hubspot/deals/17`, options: { method: 'GET', timeout: 10_000 } }]);
  });

  it('shows category, next follow-up and why', async () => {
    const { renderer, words } = await open(said(CARD));

    expect(words()).toEqual(['Budget: frozen', 'Thu, 31 Dec 2026', CARD.next?.what, CARD.next?.why]);
    expect(renderer.findAll(Tag).map((one) => one.text)).toEqual(['Assumed']);
    expect(renderer.find(Link).props.href).toBe(CARD.story);
  });

  it('says why nothing comes', async () => {
    const { words, buttons } = await open(said({ ...CARD, next: null, why_none: 'They said never.' }));

    expect(words()).toEqual(['Budget: frozen', 'They said never.']);
    expect(buttons()).toEqual([]);
  });

  it.each([
    ['whoever may only look', { ...CARD, may_work: false }],
    ['a follow-up that waits for an admin', { ...CARD, next: { ...CARD.next, is_held: true } }],
  ])('offers nothing to do: %s', async (_, card) => {
    const { buttons } = await open(said(card));

    expect(buttons()).toEqual([]);
  });

  it('marks a reason that nobody has checked yet', async () => {
    const { renderer } = await open(said({ ...CARD, category: null, sub_reason: null, needs_review: true }));

    expect(renderer.findAll(Text)[0]?.text).toBe('Not known');
    expect(renderer.findAll(Tag)[0]?.text).toBe('To be checked');
  });
});

describe('what a person does', () => {
  it('done shows what comes next', async () => {
    const after = { ...CARD, next: { ...CARD.next, reminder: 8, due_on: '2027-04-15' } };
    const { renderer, words, press } = await open(said(CARD), said(after));

    press('Done');
    await renderer.waitFor(() => expect(words()).toContain('Thu, 15 Apr 2027'), PATIENT);

    expect(calls[1]?.url).toBe(`${BASE}/cards/hubspot/deals/17/done`);
    expect(calls[1]?.options).toMatchObject({ method: 'POST', body: { reminder: 7, request: expect.any(String) } });
  });

  it('later proposes two weeks and takes another day', async () => {
    const after = { ...CARD, next: { ...CARD.next, due_on: '2027-01-04' } };
    const { renderer, words, press } = await open(said(CARD), said(after));

    press('Later');
    expect(renderer.find(DateInput).props.value).toEqual({ year: 2026, month: 11, date: 7 });
    expect(renderer.find(DateInput).props.min).toEqual({ year: 2026, month: 10, date: 23 });
    renderer.find(DateInput).trigger('onChange', { year: 2027, month: 0, date: 4 } as never);
    press('Move it');
    await renderer.waitFor(() => expect(words()).toContain('Mon, 4 Jan 2027'), PATIENT);

    expect(calls[1]?.url).toBe(`${BASE}/cards/hubspot/deals/17/snooze`);
    expect(calls[1]?.options.body).toMatchObject({ reminder: 7, until: '2027-01-04' });
    expect(renderer.maybeFind(DateInput)).toBeNull();
  });

  it('back changes nothing', async () => {
    const { press, buttons } = await open(said(CARD));

    press('Later');
    press('Back');

    expect(buttons()).toEqual(['Done', 'Later']);
    expect(calls).toHaveLength(1);
  });

  it('each click has a word of its own', async () => {
    const { renderer, press } = await open(said(CARD), said({ detail: 'Not now.' }, 503), said(CARD));

    press('Done');
    await renderer.waitFor(() => expect(renderer.find(Alert).text).toContain('Not now.'), PATIENT);
    press('Done');
    await renderer.waitFor(() => expect(renderer.maybeFind(Alert)).toBeNull(), PATIENT);

    const words = calls.slice(1).map((call) => call.options.body?.['request']);
    expect(new Set(words).size).toBe(2);
  });

  it('a click while one is under way is not offered', async () => {
    const { renderer, press } = await open(said(CARD), () => new Promise<Response>(() => undefined));

    press('Done');

    expect(renderer.findAll(Button).every((one) => one.props.disabled)).toBe(true);
  });
});

describe('what it says when it cannot', () => {
  it('a deal that is none of ours is no fault', async () => {
    const detail = 'Rekindle has no lost deal here that you may see.';
    const { renderer, words } = await open(said({ detail }, 404));

    expect(words()).toEqual([detail]);
    expect(renderer.maybeFind(Alert)).toBeNull();
  });

  it.each([
    ['a stranger reads what to do', said({ detail: 'Ask an admin to add you.' }, 403), 'Ask an admin to add you.'],
    ['a page instead of an answer', () => Promise.resolve(new Response('<html>', { status: 502 })), 'could not be reached'],
    ['no answer at all', () => Promise.reject(new Error('cut')), 'could not be reached'],
  ])('%s', async (_, answer, words) => {
    const { renderer } = await open(answer);

    expect(renderer.find(Alert).text).toContain(words);
  });

  it('keeps the card when a click is refused', async () => {
    const { renderer, words, press } = await open(said(CARD), said({ detail: 'You may only look.' }, 403));

    press('Done');
    await renderer.waitFor(() => expect(renderer.find(Alert).text).toContain('You may only look.'), PATIENT);

    expect(words()).toContain('Thu, 31 Dec 2026');
  });
});
