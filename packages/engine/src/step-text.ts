import type { Json, PlanStep } from '@errand/contracts';
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

function amount(output: Json): string {
  if (output === null) return 'nothing';
  if (Array.isArray(output)) return count(output.length);
  if (typeof output !== 'object') return typeof output === 'string' ? 'text' : String(output);
  const lists = Object.entries(output).filter((entry): entry is [string, Json[]] => Array.isArray(entry[1]));
  return lists.length === 1 ? count(lists[0]![1].length) : 'an object';
}

const count = (n: number): string => (n === 1 ? '1 item' : `${n} items`);
