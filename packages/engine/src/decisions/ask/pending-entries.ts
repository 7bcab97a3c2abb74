import {
  type ApprovalEntry,
  actorOf,
  type CallInWords,
  decisionObstacle,
  holds,
  identityOf,
  type ListPendingInput,
  type PendingEntry,
  type PendingFilter,
  type PendingList,
  type PeopleBehind,
  type PlanInWords,
  type Principal,
  problem,
  type StoredApprover,
} from '@errand/contracts';
import {
  type DecisionKind,
  type EntryFilter,
  type EntryPage,
  type EntryRow,
  type ReadDeciders,
  type ReadPeopleBehind,
  type ReadRequesters,
  type RunScope,
  readEntries,
  readEntriesOf,
  readEntryPage,
} from '@errand/db';
import { originsOf, parseTitle, titleText } from '@errand/plan';
import { identitiesOf, identityOfApprover, namedApprover, noPeople } from '../../model/people-of-run.ts';
import { invalid } from '../../model/validate.ts';
import { API_KINDS, toWaitingOn } from './waiting-on.ts';

/** The reader of entries, for `mayDecide`. */
export type EntryReader = {
  reader: Principal;
  fourEyes: ReadPeopleBehind | undefined;
  requesters: ReadRequesters;
  deciders: ReadDeciders;
};
/**
 * A reader with the requesters of some entries. `peopleBehind`: the people behind them, the reader and the approvers; undefined without
 * four eyes. `deciders`: the approvers who may decide in the workspace.
 */
type CheckedReader = {
  reader: Principal;
  peopleBehind: PeopleBehind | undefined;
  requesterOf: Awaited<ReturnType<ReadRequesters>>;
  deciders: ReadonlySet<string>;
};

/** Reads the requesters and approvers of these entries, and the people that four eyes compare. */
export const checkedReader = async (
  { workspaceId }: Pick<RunScope, 'workspaceId'>,
  rows: readonly Pick<EntryRow, 'requestedBy' | 'approvers'>[],
  { reader, fourEyes, requesters, deciders: readDeciders }: EntryReader,
): Promise<CheckedReader> => {
  const identities = identitiesOf(rows);
  const approvers = rows.flatMap((row) => row.approvers ?? []);
  const [peopleBehind, requesterOf, deciders] = await Promise.all([
    fourEyes?.(workspaceId, [identityOf(actorOf(reader)), ...identities, ...approvers.map(identityOfApprover)]),
    isUserToken(reader) ? noPeople : requesters(workspaceId, identities),
    readDeciders(workspaceId, approvers),
  ]);
  return { reader, peopleBehind, requesterOf, deciders };
};

/** Bytes of the documents on a page, shared equally by its entries. */
const PAGE_BYTES = 2 * 1024 * 1024;

/** Answers to user tokens name no other people. */
export const isUserToken = ({ kind }: Principal): boolean => kind === 'user_token';

const STORED_KINDS = Object.fromEntries(Object.entries(API_KINDS).map(([stored, kind]) => [kind, stored])) as {
  [Kind in keyof typeof API_KINDS as (typeof API_KINDS)[Kind]]: Kind;
};

/** `runIds` and `onlyIntegrations`: for user tokens. */
export type BoundedFilter = Pick<EntryFilter, 'runIds' | 'onlyIntegrations'>;

export const toEntryFilter = ({ kind, ...filter }: PendingFilter & BoundedFilter): EntryFilter => ({
  ...filter,
  ...(kind && { kinds: kind.map((entryKind): DecisionKind => STORED_KINDS[entryKind]) }),
});

/**
 * A page of the decision requests of a workspace.
 * @param maxBytes maximum size of the answer
 * @throws ProblemError invalid_cursor, validation_failed
 */
export async function listEntries(
  scope: RunScope,
  { cursor, pageSize, ...query }: ListPendingInput & BoundedFilter,
  by: EntryReader,
  maxBytes: number,
): Promise<PendingList> {
  const documentBytes = Math.floor(Math.min(maxBytes / 2, PAGE_BYTES) / pageSize);
  const { rows, searchedTo } = await readPage(scope, query, { cursor, limit: pageSize + 1, maxBytes: documentBytes });
  const page = rows.slice(0, pageSize);
  const checked = await checkedReader(scope, page, by);
  const nextCursor = rows.length > pageSize ? page.at(-1)!.decisionRequestId : searchedTo;
  return { pending: page.map((row) => toEntry(row, checked)), ...(nextCursor !== null && { nextCursor }) };
}

type PageLimits = { cursor: string | undefined; limit: number; maxBytes: number };

async function readPage(
  scope: RunScope,
  { state = 'open', sort, q, ...filter }: Omit<ListPendingInput & BoundedFilter, 'cursor' | 'pageSize'>,
  { cursor, ...limits }: PageLimits,
): Promise<EntryPage> {
  const entryFilter = toEntryFilter(filter);
  if (state === 'decided' && sort !== undefined)
    throw invalid('/sort', 'Decided requests are sorted by their decisions: leave it out.');
  if (state === 'open' && sort !== 'expiresAt' && q === undefined) {
    const before = cursor === undefined ? {} : { before: cursor };
    return { rows: await readEntries(scope, entryFilter, { ...limits, ...before }), searchedTo: null };
  }
  const order = state === 'decided' ? 'decided' : sort === 'expiresAt' ? 'expires' : 'created';
  const page = await readEntryPage(scope, { ...entryFilter, order, q }, { ...limits, cursor });
  if (page) return page;
  throw problem('invalid_cursor', 'The request of the cursor no longer exists. Start with the first page.');
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
    ...(row.decidedBy !== null && !isUserToken(by.reader) && { decidedBy: row.decidedBy }),
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

/** Whether four eyes and the approvers of the run limit who decides. */
const isForApprovers = (kind: DecisionKind): boolean => kind !== 'consent' && !ANSWER_KINDS.has(kind);

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
    ...(words &&
      (row.kind === 'plan_approval' ? { planInWords: words as PlanInWords } : callInWords(words as CallInWords))),
    ...(inputSchema && row.kind !== 'input' && row.calls === null && { inputSchema }),
    ...(plan && { plan }),
    ...row.form,
    ...(row.sha256 !== null && !ANSWER_KINDS.has(row.kind) && { argsHash: row.sha256 }),
    askedAt: row.createdAt.toISOString(),
    onExpiry: row.kind === 'effect' ? 'skip' : ANSWER_KINDS.has(row.kind) ? 'no_answer' : 'deny',
    ...rightToDecide(row, by),
    ...requesterIn(row, by),
    ...approversIn(row, by),
    ...decisionOf(row, by),
    ...leftOut(row),
  };
}

/** An entry without documents, of a row that was read without them. */
export const toHead = ({ leftOut: _, requestedSchema: __, openUrl: ___, ...head }: PendingEntry): PendingEntry => head;

function requesterIn(
  { requestedBy, requestedLabel }: EntryRow,
  { requesterOf }: CheckedReader,
): Pick<PendingEntry, 'requestedBy'> {
  const requester = requesterOf(requestedBy, requestedLabel);
  return requester ? { requestedBy: requester } : {};
}

function approversIn(
  row: EntryRow,
  { requesterOf, deciders, peopleBehind }: CheckedReader,
): Pick<PendingEntry, 'approvers'> {
  if (!row.approvers || !isForApprovers(row.kind) || requesterOf === noPeople) return {};
  const mayDecide = (approver: StoredApprover): boolean =>
    deciders.has(identityOfApprover(approver)) &&
    !decisionObstacle({ kind: approver.type, id: approver.id }, row, peopleBehind);
  return {
    approvers: row.approvers.map((approver) => ({
      ...namedApprover(approver, requesterOf),
      mayDecide: mayDecide(approver),
    })),
  };
}

function decisionOf(
  { decision, decidedBy, decidedAt, reason }: EntryRow,
  { reader }: CheckedReader,
): Pick<PendingEntry, 'decided'> {
  if (decision === null || decision === 'void' || !decidedAt) return {};
  return {
    decided: {
      decision: decision as NonNullable<PendingEntry['decided']>['decision'],
      ...(decidedBy !== null && !isUserToken(reader) && { by: decidedBy }),
      at: decidedAt.toISOString(),
      ...(reason !== null && { reason }),
    },
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

function callInWords(words: CallInWords): Pick<PendingEntry, 'inWords' | 'argOrigins' | 'names'> {
  const { args = [] } = words;
  const argOrigins = originsOf(args);
  const names = args.flatMap(({ pointer, name }) => (name === undefined ? [] : [[pointer, name] as const]));
  return {
    inWords: words,
    ...(Object.keys(argOrigins).length > 0 && { argOrigins }),
    ...(names.length > 0 && { names: Object.fromEntries(names) }),
  };
}

function rightToDecide(row: EntryRow, by: CheckedReader): Pick<PendingEntry, 'mayDecide' | 'mayNotBecause'> {
  if (row.decision !== null) return { mayDecide: false };
  const mayNotBecause = obstacleTo(row, by);
  return mayNotBecause ? { mayDecide: false, mayNotBecause } : { mayDecide: true };
}

function obstacleTo(row: EntryRow, { reader, peopleBehind }: CheckedReader): PendingEntry['mayNotBecause'] {
  if (!holds(reader, row.kind === 'consent' ? 'connections:write' : 'approvals:decide')) return 'scope';
  if (!isForApprovers(row.kind)) return undefined;
  const obstacle = decisionObstacle(actorOf(reader), row, peopleBehind);
  return obstacle === undefined || obstacle === 'not_an_approver' ? obstacle : 'four_eyes';
}

type OmittedField = NonNullable<PendingEntry['leftOut']>['fields'][number];

function leftOut(row: EntryRow): Pick<PendingEntry, 'leftOut'> {
  const { kind, intent, intentBytes, decisionRequestId } = row;
  const isCut = Buffer.byteLength(intent) < intentBytes;
  const fields: OmittedField[] = [...(isCut ? (['intent'] as const) : []), ...omittedDocuments(row)];
  if (fields.length === 0) return {};
  return { leftOut: { fields, ...(KINDS_WITH_DETAILS.has(kind) && { path: `/v1/approvals/${decisionRequestId}` }) } };
}

function omittedDocuments(row: EntryRow): OmittedField[] {
  const hasArgs = row.argsBytes > 0;
  const hasWords = row.words === null && row.wordsBytes > 0;
  switch (row.kind) {
    case 'plan_approval':
      return [...when(row.plan === null && hasArgs, 'plan'), ...when(hasWords, 'planInWords')];
    case 'input':
      return when(row.form === null && hasArgs, 'requestedSchema');
    case 'tool_approval':
    case 'effect':
      return [
        ...when(row.args === null && hasArgs, 'args'),
        ...when(hasWords, 'argOrigins', 'inWords'),
        ...when(row.calls === null && row.inputSchema === null && row.schemaBytes > 0, 'inputSchema'),
      ];
    default:
      return [];
  }
}

const when = (condition: boolean, ...fields: OmittedField[]): OmittedField[] => (condition ? fields : []);
