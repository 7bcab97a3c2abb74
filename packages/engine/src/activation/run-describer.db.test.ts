// What people are told of a run in words: what is asked with names instead of ids, and what was done or found at its end.
import type { ToolSpec } from '@errand/contracts';
import type { Toolbox } from '@errand/ports/toolbox';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { aKey } from '../testing/approvals.ts';
import { aPlan, aRun, finish, follow, startEngines, untilWaiting } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

const titles: Record<string, string> = { look: 'List accounts', find: 'List deals', make: 'Create a ticket' };
const named = (tool: ToolSpec): ToolSpec => ({ ...tool, integrationName: 'CRM', title: titles[tool.operation] ?? '' });

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let toolbox: Toolbox;
let engine: Engine;
beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  toolbox = {
    ...service.toolbox,
    catalog: async (...args) => {
      const catalog = await service.toolbox.catalog(...args);
      return { ...catalog, named: async (names) => (await catalog.named(names)).map(named) };
    },
  };
  engine = await engines.engine(toolbox, { callPolicy: { backoffMs: 1 } });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
beforeEach(() => {
  for (const name of Object.keys(service.behaviours)) delete service.behaviours[name];
  service.behaviours.look = () => ({
    items: [
      { id: 'acc_000001', name: 'Northwind' },
      { id: 'acc_000002', name: 'Contoso' },
    ],
  });
});

const each = aPlan([
  ['accounts', 'look'],
  [
    'tickets',
    'make',
    { accountId: { $: 'item.id' }, priority: 'high' },
    { forEach: { $: 'steps.accounts.output.items' }, reason: 'They asked for it' },
  ],
]);

test('a request names its item, and the origin of each argument', async () => {
  const input = aRun({ approvalStrategy: 'ON_WRITE', plan: each, intent: 'High priority tickets, please' });
  const run = await untilWaiting(engine, input);
  const requestTexts = run.waitingOn.map(({ text }) => text).sort();
  expect(requestTexts).toEqual([
    'Create a ticket for Contoso at CRM with priority high?',
    'Create a ticket for Northwind at CRM with priority high?',
  ]);
  const events = run.events.flatMap((event) => (event.type === 'step' ? [event.step.text] : []));
  expect(events).toContain('Waits for approval: Create a ticket for Contoso at CRM with priority high.');
  const { approvalId } = run.waitingOn.find(({ text }) => text.includes('Northwind'))!;
  expect((await engine.readApproval(run.workspaceId, approvalId!)).inWords).toEqual({
    sentence: 'Create a ticket for Northwind at CRM with priority high',
    reason: 'They asked for it',
    args: [
      {
        pointer: '/accountId',
        label: 'account id',
        text: 'acc_000001',
        name: 'Northwind',
        origin: 'of an item found by List accounts',
        from: 'item',
        stepId: 'accounts',
      },
      { pointer: '/priority', label: 'priority', text: 'high', origin: 'from the intent', from: 'intent' },
    ],
  });
  for (const request of run.waitingOn) {
    const decision = request === run.waitingOn[0] ? 'approve' : 'deny';
    await engine.decideApproval(run.workspaceId, { approvalId: request.approvalId!, decision }, aKey('Ann'));
  }
  const end = (await follow(engine, run.workspaceId, run.runId)).at(-1);
  const [done] = requestTexts.filter((text) => text === run.waitingOn[0]!.text);
  const name = /for (\w+) at/.exec(done!)![1];
  expect(end).toMatchObject({
    runStatus: 'PARTIAL_SUCCESS',
    summary: `Created a ticket for ${name} with priority high. "Create a ticket" at CRM was denied by Ann.`,
  });
});

test('a summary names the writes with the sent arguments, including edited ones', async () => {
  const plan = aPlan([
    ['accounts', 'look'],
    ['ticket', 'make', { accountId: { $: 'steps.accounts.output.items[0].id' }, priority: 'high' }],
  ]);
  const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_WRITE', plan }));
  const [request] = run.waitingOn;
  const args = { accountId: 'acc_000002', priority: 'low' };
  await engine.decideApproval(
    run.workspaceId,
    { approvalId: request!.approvalId!, decision: 'approve', args },
    aKey('Ann'),
  );
  const end = (await follow(engine, run.workspaceId, run.runId)).at(-1);
  expect(end).toMatchObject({ summary: 'Created a ticket for Contoso with priority low.' });
});

const deals = aPlan([
  ['accounts', 'look'],
  ['deals', 'find', { accountId: { $: 'steps.accounts.output.items[0].id' }, minAmount: 50000 }],
]);

test('a summary names the findings, in the run and in its last event', async () => {
  service.behaviours.find = () => ({ items: [{ id: 'd1' }, { id: 'd2' }, { id: 'd3' }] });
  const { run, events } = await finish(engine, aRun({ plan: deals }));
  const summary = 'Found 3 deals of Northwind with amount at least 50,000.';
  expect([run.status, run.summary]).toEqual(['SUCCESS', summary]);
  expect(events.at(-1)).toMatchObject({ type: 'end', summary });
});

test('a run that does not succeed says why, and has no summary while it goes on', async () => {
  const input = aRun({ approvalStrategy: 'ON_WRITE', plan: each });
  const waiting = await untilWaiting(engine, input);
  expect(waiting).not.toHaveProperty('summary');
  const canceled = await engine.cancel(waiting.workspaceId, waiting.runId);
  expect(canceled.summary).toBe('The run was cancelled.');
  service.behaviours.look = (_, __, response) => void response.writeHead(404).end();
  const { run } = await finish(engine, aRun({ plan: deals }));
  expect([run.status, run.summary]).toEqual(['FAILED', run.error!.message]);
});
