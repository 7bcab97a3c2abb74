import type { Json, PlanStep } from '@errand/contracts';

/** What became of a step, in one sentence for people. */
export function describe(ended: {
  step: PlanStep;
  state: string;
  output?: Json;
  error?: { code: string; message: string };
}): string {
  const { step, state, output, error } = ended;
  switch (state) {
    case 'done':
      return `${step.tool} answered with ${amount(output ?? null)}.`;
    case 'skipped':
      return 'Skipped: its condition does not hold.';
    case 'blocked':
      return 'Not taken: a step that it needs did not succeed.';
    case 'denied':
      return 'Not taken: it was denied.';
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
