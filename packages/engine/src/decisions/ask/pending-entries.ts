import {
  type ApprovalEntry,
  type ArgumentInWords,
  holds,
  identityOf,
  type ListPendingInput,
  mayDecide,
  type PendingEntry,
  type PendingFilter,
  type PendingList,
  type PeopleBehind,
  type Principal,
  problem,
} from '@errand/contracts';
import {
  type DecisionKind,
  type EntryFilter,
  type EntryRow,
  type ReadPeopleBehind,
  type RunScope,
  readEntries,
  readEntriesOf,
} from '@errand/db';
import { originsOf, parseTitle, titleText } from '@errand/plan';
import { API_KINDS, toWaitingOn } from './waiting-on.ts';

/** The reader of entries, which decides what `mayDecide` says. */
export type EntryReader = { reader: Principal; fourEyes: ReadPeopleBehind | undefined };
/** A reader with the people behind it and behind the requesters of some entries; undefined without four eyes. */
type CheckedReader = { reader: Principal; peopleBehind: PeopleBehind | undefined };

/** Reads the people that `mayDecide` of these entries compares. */
export const checkedReader = async (
  { workspaceId }: Pick<RunScope, 'workspaceId'>,
  rows: readonly Pick<EntryRow, 'requestedBy'>[],
  { reader, fourEyes }: EntryReader,
): Promise<CheckedReader> => ({
  reader,
  peopleBehind: await fourEyes?.(workspaceId, [identityOf(reader), ...rows.map(({ requestedBy }) => requestedBy)]),
});

/** Bytes of the documents on a page, shared equally by its entries. */
const PAGE_BYTES = 2 * 1024 * 1024;

const STORED_KINDS = Object.fromEntries(Object.entries(API_KINDS).map(([stored, kind]) => [kind, stored])) as {
  [Kind in keyof typeof API_KINDS as (typeof API_KINDS)[Kind]]: Kind;
};

export const toEntryFilter = ({ kind, ...filter }: PendingFilter): EntryFilter => ({
  ...filter,
  ...(kind && { kinds: kind.map((entryKind): DecisionKind => STORED_KINDS[entryKind]) }),
});

/** A page of the open decision requests of a workspace, newest first. @param maxBytes maximum size of the answer */
export async function listEntries(
  scope: RunScope,
  { cursor, pageSize, ...filter }: ListPendingInput,
  by: EntryReader,
  maxBytes: number,
): Promise<PendingList> {
  const limits = {
    before: cursor,
    limit: pageSize + 1,
    maxBytes: Math.floor(Math.min(maxBytes / 2, PAGE_BYTES) / pageSize),
  };
  const rows = await readEntries(scope, toEntryFilter(filter), limits);
  const page = rows.slice(0, pageSize);
  const checked = await checkedReader(scope, page, by);
  return {
    pending: page.map((row) => toEntry(row, checked)),
    ...(rows.length > pageSize && { nextCursor: page.at(-1)!.decisionRequestId }),
  };
}

const KINDS_WITH_DETAILS = new Set<DecisionKind>(['plan_approval', 'tool_approval', 'input']);

export async function readApprovalEntry(
  scope: RunScope,
  approvalId: string,
  by: EntryReader,
  maxBytes: number,
): Promise<ApprovalEntry> {
  const [row] = await readEntriesOf(scope, [approvalId], Math.floor(maxBytes / 2));
  if (!row || !KINDS_WITH_DETAILS.has(row.kind))
    throw problem('approval_not_found', 'There is no such approval request.');
  return {
    ...toEntry(row, await checkedReader(scope, [row], by)),
    state: stateOf(row),
    ...(row.decidedBy !== null && { decidedBy: row.decidedBy }),
    ...(row.reason !== null && { reason: row.reason }),
    ...(row.decidedAt && { decidedAt: row.decidedAt.toISOString() }),
  };
}

function stateOf({ decision, decidedBy, expired }: EntryRow): ApprovalEntry['state'] {
  if (decision === null) return expired ? 'gone' : 'pending';
  if (decision === 'approve') return 'approved';
  if (decision === 'answer') return 'answered';
  // Only expiry denies without a decider.
  return decision === 'deny' && decidedBy !== null ? 'denied' : 'gone';
}

/** Kinds that expect an answer, not an approval. */
const ANSWER_KINDS = new Set<DecisionKind>(['question', 'input']);

/** A decision request as an entry of the list of open requests. */
export function toEntry(row: EntryRow, by: CheckedReader): PendingEntry {
  const { method, host, path, effect, args, plan, inputSchema, words } = row;
  return {
    ...toWaitingOn(row),
    runId: row.runId,
    userId: row.userId,
    intent: row.intent,
    title: titleIn(row),
    ...(row.integrationName !== null && { integrationName: row.integrationName }),
    ...(row.logoUrl !== null && { logoUrl: row.logoUrl }),
    ...(row.tool !== null && { tool: row.tool }),
    ...(effect && { effect }),
    ...(method !== null && host !== null && path !== null && { request: { method, host, path } }),
    ...(row.calls !== null && { calls: row.calls }),
    ...(args !== null && { args }),
    ...(words && originsAndNames(words)),
    ...(inputSchema && row.kind !== 'input' && row.calls === null && { inputSchema }),
    ...(plan && { plan }),
    ...row.form,
    ...(row.sha256 !== null && !ANSWER_KINDS.has(row.kind) && { argsHash: row.sha256 }),
    askedAt: row.createdAt.toISOString(),
    onExpiry: row.kind === 'effect' ? 'skip' : ANSWER_KINDS.has(row.kind) ? 'no_answer' : 'deny',
    mayDecide: mayResolve(row, by),
    ...leftOut(row),
  };
}

function titleIn({ kind, goal, integrationName, customerIntegrationId, title, operation, tool }: EntryRow): string {
  switch (kind) {
    case 'plan_approval':
      return goal ?? 'A plan';
    case 'consent':
      return `Connect ${integrationName ?? customerIntegrationId}`;
    case 'question':
      return 'A question';
    default: {
      const operationName = operation ?? tool?.slice(tool.indexOf('.') + 1) ?? '';
      return titleText(parseTitle({ operation: operationName, ...(title !== null && { title }) }));
    }
  }
}

function originsAndNames(words: readonly ArgumentInWords[]): Pick<PendingEntry, 'argOrigins' | 'names'> {
  const argOrigins = originsOf(words);
  const names = words.flatMap(({ pointer, name }) => (name === undefined ? [] : [[pointer, name] as const]));
  return {
    ...(Object.keys(argOrigins).length > 0 && { argOrigins }),
    ...(names.length > 0 && { names: Object.fromEntries(names) }),
  };
}

function mayResolve({ kind, requestedBy }: EntryRow, { reader, peopleBehind }: CheckedReader): boolean {
  switch (kind) {
    case 'consent':
      return holds(reader, 'connections:write');
    case 'question':
    case 'input':
      return holds(reader, 'approvals:decide');
    default:
      return holds(reader, 'approvals:decide') && mayDecide(reader, requestedBy, peopleBehind);
  }
}

function leftOut(row: EntryRow): Pick<PendingEntry, 'leftOut'> {
  const { kind, intent, intentBytes, args, argsBytes, words, wordsBytes, plan, inputSchema, schemaBytes } = row;
  const approval = KINDS_WITH_DETAILS.has(kind);
  const call = kind === 'tool_approval' || kind === 'effect';
  const fields: NonNullable<PendingEntry['leftOut']>['fields'] = [
    ...(Buffer.byteLength(intent) < intentBytes ? (['intent'] as const) : []),
    ...(call && args === null && argsBytes > 0 ? (['args'] as const) : []),
    ...(kind === 'plan_approval' && plan === null && argsBytes > 0 ? (['plan'] as const) : []),
    ...(call && words === null && wordsBytes > 0 ? (['argOrigins'] as const) : []),
    ...(kind === 'input' && row.form === null && argsBytes > 0 ? (['requestedSchema'] as const) : []),
    ...(call && row.calls === null && inputSchema === null && schemaBytes > 0 ? (['inputSchema'] as const) : []),
  ];
  if (fields.length === 0) return {};
  return { leftOut: { fields, ...(approval && { path: `/v1/approvals/${row.decisionRequestId}` }) } };
}
