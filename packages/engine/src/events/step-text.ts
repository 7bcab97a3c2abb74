import type { CallAttempt, Json, PlanStep, ToolCall, ToolSpec } from '@errand/contracts';
import type { LedgerState } from '@errand/db';
import {
  ASK,
  counted,
  integrationLabel,
  type Output,
  operationLabel,
  parseTitle,
  type StepEnd,
  type StepError,
  toolLabel,
} from '@errand/plan';

/**
 * The outcome of a step, in one sentence for people.
 * @param tool absent when the run may not use it
 * @param amount the `amountText` of the answer that `singleAnswer` returns, if any
 */
export function stepOutcomeText(tool: ToolSpec | undefined, end: StepEnd, amount: string): string {
  const { state, error, calls } = end;
  switch (state) {
    case 'done':
      return tool ? successText(tool, end, amount) : 'Done.';
    case 'skipped':
      return 'Skipped: there is nothing to do.';
    case 'blocked':
      return error?.message ?? 'Not run: a step that it needs did not succeed.';
    default: {
      const done = calls.filter(({ outcome }) => outcome.kind === 'done').length;
      const part = calls.length > 1 ? `${done} of ${calls.length} done. ` : '';
      return `${part}${error?.message ?? 'It failed, and no reason was given.'}`;
    }
  }
}

function successText(tool: ToolSpec, { calls, unknown, paged }: StepEnd, amount: string): string {
  const name = integrationLabel(tool);
  if (unknown) return `Done, as somebody decided; the answer of ${name} is not known.`;
  const done = calls.filter(({ outcome }) => outcome.kind === 'done');
  if (done.length === 0) return 'Nothing to do: the list is empty.';
  const times = done.length === 1 ? '' : ` ${done.length} times`;
  if (tool.name === ASK.name) return `Answered${times}.`;
  if (paged) {
    const items = counted(paged.itemCount, itemNoun(tool));
    if (paged.capped) return `${name} answered with the first ${items}; there may be more.`;
    return `${name} answered with ${items} on ${done.length} page${times && 's'}.`;
  }
  // For a write only the confirmation matters, not the answer.
  if (tool.effect === 'write') return `Done${times}: ${name} confirmed ${times ? 'each' : 'it'}.`;
  if (times) return `${name} answered${times}.`;
  const [, items] = / with (\d+) items?$/.exec(amount) ?? [];
  return `${name} answered${items === undefined ? amount : ` with ${counted(Number(items), itemNoun(tool))}`}.`;
}

/** The noun of a list's items: ticket, if the tool lists tickets. */
function itemNoun(tool: ToolSpec): string {
  const { noun, plural } = parseTitle(tool);
  return plural ? noun : 'item';
}

/** The answer of a read step with one call, for `amountText`; undefined for other steps. */
export function singleAnswer(tool: ToolSpec | undefined, { state, calls, unknown }: StepEnd): Output | undefined {
  if (state !== 'done' || unknown || tool?.effect !== 'read') return undefined;
  const done = calls.flatMap(({ outcome }) => (outcome.kind === 'done' ? [outcome.output] : []));
  return done.length === 1 ? done[0] : undefined;
}

/** The amount of an answer, in a few words; empty if unknown. */
export function amountText(output: Json): string {
  if (output === null) return ' with nothing';
  if (typeof output === 'string') return ' with a text';
  if (typeof output !== 'object') return ` with ${output}`;
  const items = itemsOf(output);
  return items === undefined ? '' : ` with ${items.length === 1 ? '1 item' : `${items.length} items`}`;
}

const LIST_MEMBERS = new Set([
  'items',
  'data',
  'results',
  'records',
  'entries',
  'rows',
  'value',
  'values',
  'list',
  'hits',
]);
const PAGING_MEMBER =
  /page|cursor|next|prev|total|count|limit|offset|more|size|link|meta|url|href|object|kind|etag|status|ok/i;

/** The most members of an answer that is a page of a list. */
const MAX_PAGE_MEMBERS = 100;

/** The items of a list; undefined for a record that contains a list (a ticket with its tags). */
function itemsOf(output: Json[] | { [key: string]: Json }): Json[] | undefined {
  if (Array.isArray(output)) return output;
  const keys = Object.keys(output);
  if ('id' in output || keys.length > MAX_PAGE_MEMBERS) return undefined;
  const [key, ...otherLists] = keys.filter((name) => Array.isArray(output[name]));
  if (key === undefined || otherLists.length > 0) return undefined;
  const items = output[key] as Json[];
  const others = keys.filter((member) => member !== key);
  return LIST_MEMBERS.has(key) || others.every((member) => PAGING_MEMBER.test(member)) ? items : undefined;
}

/** The plan's reason for a step, otherwise the title of its operation. */
export const reasonOf = (step: PlanStep, tool: ToolSpec | undefined): string =>
  step.reason ?? tool?.title ?? (tool ? `Call ${tool.operation}` : `Call ${operationLabel(step.tool)}`);

/** @param reason the toolbox's message */
export const failedText = (tool: ToolSpec, reason: string): string => `${toolLabel(tool)} failed: ${reason}`;

/** All details of a failure, for the next planning. */
export const detailForPlanner = ({ message, errors = [], cause = '' }: StepError): string =>
  [message, ...errors.map((fault) => `${fault.pointer}: ${fault.message}`), cause].join(' ').trim();

/** The text of the decision request about a call that may have taken effect. */
export const uncertainText = (tool: ToolSpec, reason = 'the answer was lost'): string =>
  `${toolLabel(tool)} was called, and whether it took effect is not known: ${reason.replace(/\.$/, '')}. Check the service, then decide: retry, happened or skip.`;

/** The text of the decision request about a call of a run that was restored from a backup. */
export const restoredText = (tool: ToolSpec): string =>
  `${toolLabel(tool)} may have been called after the backup from which this run was restored. Check the service, then decide: retry, happened or skip.`;

type FailedCall = {
  key: string;
  tool: string | null;
  error?: { code: string; message: string } | null;
  state: LedgerState | 'failed' | 'denied';
  effect?: ToolCall['effect'];
  startedAt?: Date;
  endedAt?: Date | null;
  attempts?: number;
  status?: number | null;
  idempotencyKey?: string | null;
  attemptTimes?: readonly CallAttempt[] | null;
};

/** A call that did not succeed, whole, as events show it. @param refusal its answer, as JSON text */
export function failedCall(entry: FailedCall, args: Json, refusal?: string | null): ToolCall {
  const output = JSON.parse(refusal ?? 'null') as Json;
  return {
    toolCallId: entry.key,
    toolName: entry.tool ?? '',
    toolParameters: args,
    toolResult: {
      approvalResult: { status: 'NOT_REQUIRED', text: 'No approval was required.' },
      executionResult: {
        error: { code: entry.error?.code ?? 'internal', message: entry.error?.message ?? '' },
        ...(output !== null && { output }),
      },
    },
    state: entry.state.toLowerCase() as ToolCall['state'],
    ...(entry.effect && { effect: entry.effect }),
    ...(entry.startedAt && { startedAt: entry.startedAt.toISOString() }),
    ...(entry.endedAt && { endedAt: entry.endedAt.toISOString() }),
    ...(entry.attempts !== undefined && { attempts: entry.attempts }),
    ...(typeof entry.status === 'number' && { status: entry.status }),
    ...(typeof entry.idempotencyKey === 'string' && { idempotencyKey: entry.idempotencyKey }),
    ...(entry.attemptTimes && entry.attemptTimes.length > 1 && { attemptTimes: [...entry.attemptTimes] }),
  };
}
