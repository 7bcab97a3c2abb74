import type { PlanDraft, PlanRequest, ToolSource, ToolSpec } from '@errand/contracts';
import { aPlanRequest, aTool } from './planning.ts';

/** A promise that a test resolves. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

/** A source of tools. `reads` has the keys that were read; reading waits for `until`. */
export function aSource(sets: Record<string, readonly ToolSpec[]>, workspaceId = 'w', until?: Promise<void>) {
  const reads: string[] = [];
  const all = Object.values(sets).flat();
  const source: ToolSource = {
    workspaceId,
    named: async (names) => all.filter(({ name }) => names.includes(name)),
    unusable: async () => new Map(),
    names: async () => all.map(({ name }) => name),
    sets: Object.entries(sets).map(([key, tools]) => ({
      key,
      async *read() {
        reads.push(key);
        await until;
        for (const tool of tools) yield [JSON.stringify(tool)];
      },
    })),
  };
  return { source, reads };
}

const rows = { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } };

/** Tools of a garage: one lists its cars, the others are unrelated. */
export const cars = (id = 'garage_11112222', more = 0): ToolSpec[] => [
  aTool(`${id}.listCars`, { description: 'List all cars', method: 'GET', path: '/cars', outputSchema: rows }),
  ...Array.from({ length: more }, (_, i) =>
    aTool(`${id}.listThing${i}s`, { description: `List things ${i}`, method: 'GET', path: `/things${i}` }),
  ),
];

/** Tools that the sample planner reads without end. */
export const endlessTools = (): ToolSpec[] => Array.from({ length: 20 }, (_, i) => aTool(`slow_11112222.endless${i}`));

/** The entry of a thread with the sample planner. */
export const sampleThread = new URL('../../dist/testing/sample-thread.js', import.meta.url);

export const ask = (tools: ToolSource, more: Partial<PlanRequest<ToolSource>> = {}): PlanRequest<ToolSource> => ({
  ...aPlanRequest({ intent: 'List all cars', context: '' }),
  check: async () => [],
  ...more,
  tools,
});

/** The tools of a plan, or why there is none. */
export const toolsOf = (draft: PlanDraft) =>
  draft.kind === 'plan' ? draft.plan.steps.map(({ tool }) => tool) : 'reason' in draft && draft.reason;
