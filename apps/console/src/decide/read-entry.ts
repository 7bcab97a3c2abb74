// Reads one decision request, whatever its kind.
import type { ConsoleClient } from '@errand/client/console';
import { problemFor } from '../session/problem.ts';
import { type Entry, entryIdOf } from './entry.ts';

type Found = Entry & { state?: string };
type Known = Pick<Entry, 'runId' | 'kind'> | undefined;

/** Pages that are searched for a request of which only the id is known. */
const MAX_PAGES = 5;
const PAGE_SIZE = 100;
const WITH_DETAILS = new Set<Entry['kind']>(['plan', 'call', 'input']);
const IS_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const OTHER_KINDS: Entry['kind'][] = ['effect', 'question', 'consent'];

/** The request with this id; null if there is none. */
export async function readEntry(
  client: ConsoleClient,
  entryId: string,
  known: Known,
  signal: AbortSignal,
): Promise<Found | null> {
  if (!IS_ID.test(entryId)) return null;
  const isApproval = known && WITH_DETAILS.has(known.kind);
  if (isApproval) return readApproval(client, entryId, signal);
  const of = known ? { runId: known.runId } : { kind: OTHER_KINDS };
  return (
    (await search(client, entryId, { ...of, state: 'open' }, signal)) ??
    (known ? null : await readApproval(client, entryId, signal)) ??
    (await search(client, entryId, { ...of, state: 'decided' }, signal))
  );
}

async function readApproval(client: ConsoleClient, approvalId: string, signal: AbortSignal): Promise<Found | null> {
  try {
    return await client.approvals.get.query({ approvalId }, { signal });
  } catch (error) {
    if (problemFor(error).code === 'approval_not_found') return null;
    throw error;
  }
}

type Filter = { runId?: string; kind?: Entry['kind'][]; state: 'open' | 'decided' };

async function search(
  client: ConsoleClient,
  entryId: string,
  filter: Filter,
  signal: AbortSignal,
): Promise<Found | null> {
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const input = { ...filter, pageSize: PAGE_SIZE, ...(cursor !== undefined && { cursor }) };
    const answer = await client.pending.list.query(input, { signal });
    const found = answer.pending.find((entry) => entryIdOf(entry) === entryId);
    if (found) return found;
    cursor = answer.nextCursor;
    if (cursor === undefined) break;
  }
  return null;
}
