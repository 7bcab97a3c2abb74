import type { ToolSpec } from '@errand/contracts';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { Engine } from '../../engine.ts';
import { aRun, finish, startEngines, untilWaiting } from '../../testing/engine.ts';
import { scriptedPlanner } from '../../testing/planner.ts';
import { startService } from '../../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;
const script = scriptedPlanner();

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService({ find: () => ({ salary: '4711 a month' }) });
  const { listing } = service.toolbox;
  const atOther = (operation: string, tool: ToolSpec): ToolSpec => ({
    ...tool,
    operation,
    name: `out_0000000b.${operation}`,
    customerIntegrationId: 'out_0000000b',
    path: `/${operation}`,
  });
  listing.tools.push(atOther('search', listing.tools[0]!), atOther('send', listing.tools[2]!));
  engine = await engines.engine(service.toolbox, { planner: script.planner, approvalPolicy: { taint: true } });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
beforeEach(() => {
  service.seen.length = 0;
  script.reset();
});

const find = { id: 'a', tool: 'svc_0000000a.find', args: {} };
const planOf = (...steps: object[]) => ({ goal: 'Test', steps }) as never;
const start = () => aRun({ intent: 'Look up Oslo', selectedCustomerIntegrationIds: ['svc_0000000a', 'out_0000000b'] });
const outside = () => service.seen.filter(({ operation }) => operation !== 'find');

test('with taint a read with an answer of another integration asks a person', async () => {
  script.plans = [planOf(find, { id: 'b', tool: 'out_0000000b.search', args: { q: { $: 'steps.a.output.salary' } } })];
  const run = await untilWaiting(engine, start());
  expect(run.waitingOn).toMatchObject([{ kind: 'call' }]);
  expect(outside()).toEqual([]);
});

test('with taint a read without such answers needs no approval', async () => {
  script.plans = [planOf(find, { id: 'b', tool: 'out_0000000b.search', dependsOn: ['a'], args: { q: 'Oslo' } })];
  expect((await finish(engine, start())).run.status).toBe('SUCCESS');
  expect(outside()).toHaveLength(1);
});

test('with taint what an earlier plan of the run has read counts', async () => {
  const look = { ...(planOf(find) as object), then: 'plan', mayWrite: ['out_0000000b.send'] } as never;
  script.plans = [look, planOf({ id: 'c', tool: 'out_0000000b.send', args: { text: 'Oslo' } })];
  const run = await untilWaiting(engine, start());
  expect(run.waitingOn).toMatchObject([{ kind: 'call' }]);
  expect(outside()).toEqual([]);
});
