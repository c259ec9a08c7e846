// What the card asks of Rekindle. HubSpot carries each call, signs it, and adds who looks at the card.
import { hubspot } from '@hubspot/ui-extensions';

export interface FollowUp {
  reminder: number;
  what: string;
  due_on: string;
  why: string;
  is_assumed: boolean;
  is_held: boolean;
}

export interface Card {
  state: string;
  category: string | null;
  sub_reason: string | null;
  needs_review: boolean;
  next: FollowUp | null;
  why_none: string | null;
  may_work: boolean;
  today: string;
  story: string | null;
}

/** What Rekindle, or the way to it, answered instead of a card. `isNothingHere`: the deal is none of its deals. */
export class Refusal extends Error {
  constructor(says: string, readonly isNothingHere: boolean = false) {
    super(says);
  }
}

const AWAY = 'Rekindle could not be reached. Try again in a moment.';

/** The card of a deal. Rejects with a Refusal. */
export async function loadCard(base: string, dealId: number | string): Promise<Card> {
  return read(send(`${dealAddress(base, dealId)}`, { method: 'GET' }));
}

/** Mark the follow-up as done; the card as it is then. Rejects with a Refusal. */
export async function markDone(base: string, dealId: number | string, reminder: number): Promise<Card> {
  const body = { reminder, request: newRequest() };
  return read(send(`${dealAddress(base, dealId)}/done`, { method: 'POST', body }));
}

/** Move the follow-up to a day (YYYY-MM-DD); the card as it is then. Rejects with a Refusal. */
export async function snooze(
  base: string,
  dealId: number | string,
  reminder: number,
  until: string,
): Promise<Card> {
  const body = { reminder, request: newRequest(), until };
  return read(send(`${dealAddress(base, dealId)}/snooze`, { method: 'POST', body }));
}

function dealAddress(base: string, dealId: number | string): string {
  return `${base.replace(/\/+$/, '')}/cards/hubspot/deals/${dealId}`;
}

type Sent = { method: 'GET' | 'POST'; body?: Record<string, unknown> };

function send(url: string, options: Sent): Promise<Response> {
  return hubspot.fetch(url, { ...options, timeout: 10_000 });
}

async function read(sent: Promise<Response>): Promise<Card> {
  let answer: Response;
  let body: unknown;
  try {
    answer = await sent;
    body = await answer.json();
  } catch {
    throw new Refusal(AWAY);
  }
  if (!answer.ok) {
    throw new Refusal(detailOf(body) ?? AWAY, answer.status === 404);
  }
  return body as Card;
}

function detailOf(body: unknown): string | null {
  const detail = (body as { detail?: unknown } | null)?.detail;
  return typeof detail === 'string' && detail ? detail : null;
}

// A word of its own for each click: HubSpot repeats a call that seemed to fail, and the click must count once.
function newRequest(): string {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
}
