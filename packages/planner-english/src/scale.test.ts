import { expect, it } from 'vitest';
import { createBuiltinPlanner } from './builtin-planner.ts';
import { everything } from './testing/services.ts';

const request = (tools: typeof everything, intent: string) => ({
  intent,
  context: '',
  userId: 'user-1',
  now: '2024-05-15T09:00:00.000Z',
  tools,
  instructions: [],
  signal: new AbortController().signal,
  check: async () => [],
});

/** The services again and again under other paths, as a workspace with many integrations has them. */
const many = Array.from({ length: 1000 }, (_, index) => {
  const tool = everything[index % everything.length]!;
  const copy = Math.floor(index / everything.length);
  if (copy === 0) return tool;
  return {
    ...tool,
    name: `${tool.name}${copy}`,
    operation: `${tool.operation}${copy}`,
    path: `/archive${copy}${tool.path}`,
    description: `${tool.description} Archive ${copy}.`,
    title: `${tool.title} of archive ${copy}`,
  };
});

/** The middle of nine, in ms of processor time, which other work on the machine hardly changes. */
async function median(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 9; round++) {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    times.push((user + system) / 1000);
  }
  return times.sort((a, b) => a - b)[4]!;
}

it('finds the right tools among 1 000, fast', async () => {
  const planner = createBuiltinPlanner();
  const ask = request(many, 'Which unpaid invoices does Acme Corp have?');
  const draft = await planner.plan(ask);
  expect(draft.kind === 'plan' && [...new Set(draft.plan.steps.map(({ tool }) => tool))]).toEqual([
    'billing_1a2b3c4d.customers_list',
    'billing_1a2b3c4d.invoices_list',
  ]);
  // The goal is 100 ms.
  expect(await median(() => planner.plan(ask))).toBeLessThan(400);
}, 30_000);

it('plans over some thirty tools fast', async () => {
  const planner = createBuiltinPlanner();
  const ask = request(everything, 'Which unpaid invoices does Acme Corp have?');
  // The goal is 10 ms.
  expect(await median(() => planner.plan(ask))).toBeLessThan(80);
});

it('gives the same plan for the same request', async () => {
  const planner = createBuiltinPlanner();
  const ask = request(everything, 'Which issues are assigned to Priya Raman?');
  const first = await planner.plan(ask);
  await planner.plan(request(everything, 'Show the 5 most expensive products'));
  expect(await planner.plan(ask)).toEqual(first);
  expect(await createBuiltinPlanner().plan({ ...ask, tools: [...everything] })).toEqual(first);
});

it('plans beside tools that answer bare values and lists of them', async () => {
  const planner = createBuiltinPlanner();
  const bare = ['listCodes', 'countCodes'].map((operation, i) => ({
    ...everything[0]!,
    name: `codes_1a2b3c4d.${operation}`,
    operation,
    outputSchema: i === 0 ? { type: 'array', items: { type: 'string' } } : { type: 'integer' },
  }));
  const draft = await planner.plan(request([...everything, ...bare], 'Which unpaid invoices does Acme Corp have?'));
  expect(draft.kind).toBe('plan');
});
