// The entry point: HubSpot loads this file and shows what it registers.
import { hubspot } from '@hubspot/ui-extensions';
import { DealCard } from './DealCard.tsx';

hubspot.extend<'crm.record.sidebar'>(({ context }) => <DealCard context={context} />);
