import type { Json, PlanStep, ToolCall, ToolSpec } from '@errand/contracts';
import type { StepEnd } from '@errand/plan';

/** What became of a step, in one sentence for people. */
export function describe(step: PlanStep, { state, output, error }: StepEnd): string {
  switch (state) {
    case 'done':
      return `${step.tool} answered with ${amount(output)}.`;
    case 'skipped':
      return 'Skipped: there is nothing to do for it.';
    case 'blocked':
      return error?.message ?? 'Not taken: a step that it needs did not succeed.';
    case 'denied':
      return `Not taken: ${error?.message ?? 'it was denied.'}`;
    default:
      return `${step.tool} failed: ${error?.message ?? 'no reason was given.'}`;
  }
}

/** The question about a call that may have taken effect. */
export const uncertainText = (tool: ToolSpec, why = 'the answer was lost'): string =>
  `${tool.name} was called, and whether it took effect is not known: ${why.replace(/\.$/, '')}. Look at the service, then decide: retry, happened or skip.`;

/** A call that did not succeed, as it is shown; only outputs stand in the ledger alone. */
export function inline(
  entry: { key: string; tool: string | null; error?: { code: string; message: string } | null; output?: Json | null },
  args: Json,
): ToolCall {
  return {
    toolCallId: entry.key,
    toolName: entry.tool ?? '',
    toolParameters: args,
    toolResult: {
      approvalResult: { status: 'NOT_REQUIRED', text: 'No approval was required.' },
      executionResult: {
        error: { code: entry.error?.code ?? 'internal', message: entry.error?.message ?? '' },
        ...(entry.output !== undefined && entry.output !== null && { output: entry.output }),
      },
    },
  };
}

function amount(output: Json): string {
  if (output === null) return 'nothing';
  if (Array.isArray(output)) return count(output.length);
  if (typeof output !== 'object') return typeof output === 'string' ? 'text' : String(output);
  const lists = Object.entries(output).filter((entry): entry is [string, Json[]] => Array.isArray(entry[1]));
  return lists.length === 1 ? count(lists[0]![1].length) : 'an object';
}

const count = (n: number): string => (n === 1 ? '1 item' : `${n} items`);
