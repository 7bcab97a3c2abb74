import type { PlanDraft, PlanRequest, ToolSource, ToolSpec } from '@errand/contracts';
import { aPlanRequest, aTool } from './planning.ts';

/** A promise that a test resolves. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

/** Tools as a service keeps them. `reads` has the keys that were read; reading waits for `until`. */
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

/** Tools of a garage: one that lists its cars, and more that have nothing to do with them. */
export const cars = (id = 'garage_11112222', more = 0): ToolSpec[] => [
  aTool(`${id}.listCars`, { description: 'List all cars', method: 'GET', path: '/cars', outputSchema: rows }),
  ...Array.from({ length: more }, (_, i) =>
    aTool(`${id}.listThing${i}s`, { description: `List things ${i}`, method: 'GET', path: `/things${i}` }),
  ),
];

/** Tools whose argument contains itself, ten times on each level: reading all of them takes a fast machine many seconds. */
export function slowTools(): ToolSpec[] {
  const self = Array.from({ length: 10 }, (_, i) => [`part${i}`, { $ref: '#/$defs/Part' }]);
  const $defs = { Part: { type: 'object', properties: Object.fromEntries(self) } };
  const inputSchema = { type: 'object', properties: { body: { $ref: '#/$defs/Part' } }, $defs };
  return Array.from({ length: 20 }, (_, i) => aTool(`slow_11112222.list${i}`, { inputSchema }));
}

export const ask = (tools: ToolSource, more: Partial<PlanRequest<ToolSource>> = {}): PlanRequest<ToolSource> => ({
  ...aPlanRequest({ intent: 'List all cars', context: '' }),
  check: async () => [],
  ...more,
  tools,
});

/** The tools of a plan, or why there is none. */
export const toolsOf = (draft: PlanDraft) =>
  draft.kind === 'plan' ? draft.plan.steps.map(({ tool }) => tool) : 'reason' in draft && draft.reason;
