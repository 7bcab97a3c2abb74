import type { PendingEntry } from '@errand/contracts';

type EntryIds = Pick<PendingEntry, 'approvalId' | 'effectId' | 'consentId' | 'requestId'>;

/** The id of a request; each kind has its own. */
export const idOfEntry = ({ approvalId, effectId, consentId, requestId }: EntryIds): string =>
  approvalId ?? effectId ?? requestId ?? consentId ?? '';

/** The commands that settle a request. */
export function commandsFor(
  entry: Pick<PendingEntry, 'kind'> & EntryIds & { userId?: string; customerIntegrationId?: string },
): string[] {
  const id = shortId(idOfEntry(entry));
  switch (entry.kind) {
    case 'plan':
    case 'call':
      return [`errand approve ${id}`, `errand deny ${id}`];
    case 'effect':
      return [`errand resolve ${id} happened|retry|skip`];
    case 'question':
    case 'input':
      return [`errand answer ${id}`];
    case 'consent':
      return [
        `errand connect ${entry.customerIntegrationId ?? '<integration>'}${entry.userId ? ` --user ${entry.userId}` : ''}`,
      ];
    default:
      return [];
  }
}

const SHORT = 8;

/** The end of an id. The beginning of ids that were made at the same time is the same. */
export const shortId = (id: string): string => (id.length > SHORT ? id.slice(-SHORT) : id);
