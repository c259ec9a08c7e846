// A deal's card: why it was lost, when to come back and why on that day, with done and later.
import {
  Alert,
  Button,
  DateInput,
  DescriptionList,
  DescriptionListItem,
  Flex,
  Link,
  LoadingSpinner,
  Tag,
  Text,
} from '@hubspot/ui-extensions';
import type { ExtensionPointApiContext } from '@hubspot/ui-extensions';
import { useEffect, useState } from 'react';
import { type Card, type FollowUp, Refusal, loadCard, markDone, snooze } from './backend.ts';
import { type Day, daysAfter, dayOf, inWords, textOf } from './days.ts';

type Context = ExtensionPointApiContext<'crm.record.sidebar'>;
const LATER_DAYS = 14;

export const DealCard = ({ context }: { context: Context }) => {
  const base = String(context.variables?.['REKINDLE_URL'] ?? '');
  const deal = context.crm.objectId;
  const [card, setCard] = useState<Card | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);

  const take = async (asked: Promise<Card>) => {
    setBusy(true);
    try {
      setCard(await asked);
      setRefusal(null);
    } catch (error) {
      setRefusal(error instanceof Refusal ? error : new Refusal('That did not work. Load the page again.'));
    } finally {
      setBusy(false);
    }
  };

  useEffect(() => {
    void take(loadCard(base, deal));
  }, [base, deal]);

  if (card === null) {
    if (refusal?.isNothingHere) return <Text>{refusal.message}</Text>;
    if (refusal) return <Alert title="Not shown" variant="warning">{refusal.message}</Alert>;
    return <LoadingSpinner label="Asking Rekindle" />;
  }
  return (
    <Flex direction="column" gap="small">
      {refusal && <Alert title="Nothing was changed" variant="warning">{refusal.message}</Alert>}
      <Loss card={card} />
      {card.next ? <Next next={card.next} locale={context.user.locale} /> : <Text>{card.why_none ?? NOTHING_MORE}</Text>}
      {card.next && card.may_work && !card.next.is_held && (
        <Choices
          key={`${card.next.reminder} ${card.next.due_on}`}
          today={card.today}
          isBusy={isBusy}
          onDone={() => void take(markDone(base, deal, card.next!.reminder))}
          onLater={(until) => void take(snooze(base, deal, card.next!.reminder, until))}
        />
      )}
      {card.story && <Link href={card.story}>The whole story</Link>}
    </Flex>
  );
};

const NOTHING_MORE = 'No further follow-up is planned.';

const Loss = ({ card }: { card: Card }) => (
  <DescriptionList direction="column">
    <DescriptionListItem label="Lost because of">
      <Text>{[card.category ?? 'Not known', card.sub_reason].filter(Boolean).join(': ')}</Text>
      {card.needs_review && <Tag variant="warning">To be checked</Tag>}
    </DescriptionListItem>
  </DescriptionList>
);

const Next = ({ next, locale }: { next: FollowUp; locale: string | undefined }) => (
  <DescriptionList direction="column">
    <DescriptionListItem label="Next follow-up">
      <Text format={{ fontWeight: 'bold' }}>{inWords(next.due_on, locale)}</Text>
      <Text>{next.what}</Text>
      {next.is_assumed && <Tag>Assumed</Tag>}
      {next.is_held && <Tag>Waits for an admin</Tag>}
    </DescriptionListItem>
    <DescriptionListItem label="Why then">
      <Text>{next.why}</Text>
    </DescriptionListItem>
  </DescriptionList>
);

interface ChoicesProps {
  today: string;
  isBusy: boolean;
  onDone: () => void;
  onLater: (until: string) => void;
}

const Choices = ({ today, isBusy, onDone, onLater }: ChoicesProps) => {
  const [until, setUntil] = useState<Day | null>(null);
  if (until === null) {
    return (
      <Flex direction="row" gap="small">
        <Button variant="primary" size="sm" disabled={isBusy} onClick={onDone}>Done</Button>
        <Button size="sm" disabled={isBusy} onClick={() => setUntil(daysAfter(today, LATER_DAYS))}>Later</Button>
      </Flex>
    );
  }
  return (
    <Flex direction="column" gap="small">
      <DateInput
        name="until"
        label="Come back on"
        format="medium"
        timezone="portalTz"
        min={dayOf(today)}
        value={until}
        onChange={(day) => setUntil(day ?? until)}
      />
      <Flex direction="row" gap="small">
        <Button variant="primary" size="sm" disabled={isBusy} onClick={() => onLater(textOf(until))}>Move it</Button>
        <Button size="sm" disabled={isBusy} onClick={() => setUntil(null)}>Back</Button>
      </Flex>
    </Flex>
  );
};
