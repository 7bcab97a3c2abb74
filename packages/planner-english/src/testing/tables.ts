// Tables of intents with what a plan calls for each, or why there is none.
import type { Json, ToolSpec } from '@errand/contracts';
import { expect, it } from 'vitest';
import { computed, planOf } from './runs.ts';

/** An argument that hangs on what an earlier step brings. */
export const BOUND = { $: expect.any(String) };

type Args = Record<string, Record<string, unknown>>;
type Planned = [intent: string, ...calls: [operation: string, args: Args][]];
type Refused = [intent: string, reason: string];

/** Each intent is planned as exactly these calls, with exactly these arguments. */
export function plans(tools: readonly ToolSpec[], rows: readonly Planned[]): void {
  it.each(rows)('%s', async (intent, ...calls) => {
    const draft = await planOf(tools, intent);
    const steps = draft.kind === 'plan' ? draft.plan.steps : [];
    const made = await Promise.all(
      steps.map(async ({ tool, args }) => [tool.split('.')[1], await computed(args as Json)] as const),
    );
    // Further pages of a list are further steps of the same tool.
    expect(made.filter(([tool], index) => tool !== made[index - 1]?.[0])).toEqual(calls);
  });
}

/** Each intent is refused with a sentence that contains the reason. */
export function refusals(tools: readonly ToolSpec[], rows: readonly Refused[]): void {
  it.each(rows)('%s is refused', async (intent, reason) => {
    const draft = await planOf(tools, intent);
    expect(draft).toMatchObject({ kind: 'none', reason: expect.stringContaining(reason) });
  });
}
