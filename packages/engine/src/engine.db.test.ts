import type { Json, PlanInput } from '@errand/contracts';
import { newId } from '@errand/db';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import type { Engine } from './engine.ts';
import { aPlan, aRun, finish, follow, startEngines, untilWaiting } from './testing/engine.ts';
import { startService } from './testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  engine = await engines.engine(service.toolbox, { callPolicy: { backoffMs: 5, timeoutMs: 10_000 } });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
afterEach(() => {
  service.seen.length = 0;
  for (const name of Object.keys(service.behaviours)) delete service.behaviours[name];
});

const summary = (events: { type: string; seq: number; runStatus: string }[]) =>
  events.map((e) => `${e.seq} ${e.type} ${e.runStatus}`);

test('a plan is executed step by step, streamed without gaps, and ends with its result', async () => {
  service.behaviours.look = () => ({ items: [{ id: 7 }, { id: 8 }] });
  const plan = aPlan(
    [
      ['a', 'look', { q: 'x' }],
      ['b', 'find', { id: { $: 'steps.a.output.items[0].id' } }],
      ['each', 'find', { id: { $: 'item' } }, { forEach: { $: 'steps.a.output.items.id' } }],
    ],
    { first: { $: 'steps.b.output.echo.id' }, all: { $: 'steps.each.output.echo.id' } },
  );
  const { created, events, run } = await finish(engine, aRun({ plan }));
  expect(created).toMatchObject({ status: 'QUEUED', events: [], plan: { planType: 'json' } });
  expect(summary(events).sort()).toEqual(
    ['1 start RUNNING', '2 step RUNNING', '3 step RUNNING', '4 step RUNNING', '5 end SUCCESS'].sort(),
  );
  expect(run).toMatchObject({
    status: 'SUCCESS',
    result: { first: 7, all: [7, 8] },
    usage: { steps: 3, toolCalls: 4 },
  });
  const step = events.find((e) => e.type === 'step' && e.step.stepId === 'a');
  expect(step).toMatchObject({
    step: {
      approval: 'NOT_REQUIRED',
      toolCalls: [
        {
          toolCallId: 'a',
          toolParameters: { q: 'x' },
          toolResult: { executionResult: { items: [{ id: 7 }, { id: 8 }] } },
        },
      ],
    },
  });
});

test('without tool calls step events carry only text', async () => {
  const { run, workspaceId } = await finish(
    engine,
    aRun({ plan: aPlan([['a', 'look', { secretArgument: 1 }]], 'done') }),
  );
  const plain = await follow(engine, workspaceId, run.runId, false);
  expect(plain.map((e) => e.seq)).toEqual([1, 2, 3]);
  const events = (
    await engine.listEvents(workspaceId, { runId: run.runId, after: 0, limit: 100, includeToolCalls: false })
  ).value().events;
  expect(events).toEqual(plain);
  expect(JSON.stringify(events)).not.toContain('secretArgument');
});

test('independent steps run at the same time', async () => {
  // None is answered until all have come.
  let open = 0;
  let all = () => {};
  const together = new Promise<void>((resolve) => {
    all = resolve;
  });
  service.behaviours.look = async () => {
    if (++open === 3) all();
    await together;
    return {};
  };
  const plan = aPlan([
    ['a', 'look', { n: 1 }],
    ['b', 'look', { n: 2 }],
    ['c', 'look', { n: 3 }],
  ]);
  const { run } = await finish(engine, aRun({ plan }));
  expect([run.status, service.calls('look')]).toEqual(['SUCCESS', 3]);
});

test('a read is tried again, a write whose outcome is unknown is not', async () => {
  let failures = 2;
  const failing = (_: unknown, __: unknown, response: { statusCode: number }) => {
    if (failures-- > 0) response.statusCode = 503;
    return {};
  };
  service.behaviours.look = failing;
  const read = await finish(engine, aRun({ plan: aPlan([['a', 'look']]) }));
  expect([read.run.status, service.calls('look')]).toEqual(['SUCCESS', 3]);
  failures = 1;
  service.behaviours.make = failing;
  const write = await untilWaiting(engine, aRun({ plan: aPlan([['a', 'make']]) }));
  expect([write.status, service.calls('make')]).toEqual(['PAUSED', 1]);
  failures = 1;
  service.behaviours.put = failing;
  const put = await finish(engine, aRun({ plan: aPlan([['a', 'put']]) }));
  expect([put.run.status, service.calls('put')]).toEqual(['SUCCESS', 2]);
  expect(new Set(service.seen.filter((c) => c.operation === 'put').map((c) => c.idempotencyKey)).size).toBe(1);
});

test('a failed step blocks those that need it, others go on, and the end says what is left', async () => {
  service.behaviours.find = (_, __, response) => {
    response.statusCode = 404;
    return { error: 'none' };
  };
  const plan = aPlan(
    [
      ['a', 'find'],
      ['b', 'look', { x: { $: 'steps.a.output.id' } }],
      ['c', 'make', { n: 1 }],
    ],
    { done: { $: 'steps.c.output.echo.n' } },
  );
  const { run, events } = await finish(engine, aRun({ plan }));
  expect(run).toMatchObject({ status: 'PARTIAL_SUCCESS', result: { done: 1 }, error: { code: 'upstream_error' } });
  expect(service.calls('look')).toBe(0);
  expect(events.filter((e) => e.type === 'step')).toHaveLength(3);
});

test('nothing found is no success and changes nothing', async () => {
  service.behaviours.look = () => ({ items: [] });
  const plan = aPlan([
    ['a', 'look'],
    ['b', 'make', { id: { $: 'steps.a.output.items[0].id' } }],
  ]);
  service.toolbox.listing.tools.find((t) => t.operation === 'make')!.inputSchema = { type: 'object', required: ['id'] };
  const { run } = await finish(engine, aRun({ plan }));
  service.toolbox.listing.tools.find((t) => t.operation === 'make')!.inputSchema = { type: 'object' };
  expect([run.status, run.error?.code, service.calls('make')]).toEqual(['NO_SUCCESS', 'nothing_found', 0]);
});

test('a plan whose condition finds nothing, and whose result tells nothing, is no success', async () => {
  service.behaviours.look = () => ({ items: [] });
  const when = { $: '$exists(steps.a.output.items[0])' };
  const plan = aPlan(
    [
      ['a', 'look'],
      ['b', 'make', {}, { when }],
    ],
    { made: { $: 'steps.b.output' } },
  );
  const { run } = await finish(engine, aRun({ plan }));
  expect([run.status, run.error?.code, service.calls('make')]).toEqual(['NO_SUCCESS', 'nothing_found', 0]);
});

test('no plan is no success, and a result that does not fit is never success', async () => {
  const none = await finish(engine, aRun());
  expect(none.run).toMatchObject({ status: 'NO_SUCCESS', error: { code: 'no_plan' } });
  expect(await engine.readPlan(none.workspaceId, none.run.executionPlanId)).toEqual({
    planType: 'text',
    plan: 'No plan was made.',
  });
  const outputSchema = { type: 'object', required: ['total'], properties: { total: { type: 'number' } } };
  // What this gives nobody can tell before it is evaluated.
  const total = { $: "$lookup({'kind': 'many'}, 'kind')" };
  const misfit = await finish(engine, aRun({ outputSchema, plan: aPlan([['a', 'look']], { total }) }));
  expect(misfit.run).toMatchObject({
    status: 'FAILED',
    error: { code: 'result_validation_failed', errors: [{ pointer: '/total' }] },
  });
  expect('result' in misfit.run).toBe(false);
});

test('an own plan that does not pass the checker is refused with pointers', async () => {
  const plan = aPlan([
    ['a', 'look'],
    ['b', 'nothere'],
  ]);
  await expect(engine.create(newId(), aRun({ plan }))).rejects.toMatchObject({
    code: 'plan_invalid',
    options: { errors: [{ pointer: '/plan/steps/1/tool' }] },
  });
});

test('contexts that take turns repeat, each the run of its own', async () => {
  const workspaceId = newId();
  const runOf = (context: string, plan?: PlanInput) =>
    finish(engine, aRun({ repeatKey: 'turns', context, ...(plan && { plan }) }), workspaceId);
  const [north, south] = [
    await runOf('north', aPlan([['a', 'look', { q: 'north' }]])),
    await runOf('south', aPlan([['a', 'look', { q: 'south' }]])),
  ];
  for (const [context, earlier] of [
    ['north', north],
    ['south', south],
  ] as const) {
    const { run } = await runOf(context);
    expect(run).toMatchObject({ status: 'SUCCESS', repeatRunId: earlier.run.runId });
  }
  expect((await runOf('east')).run).toMatchObject({ status: 'NO_SUCCESS' });
  expect(service.seen.slice(-4).map(({ args }) => args)).toEqual(
    ['north', 'south', 'north', 'south'].map((q) => ({ q })),
  );
});

test('a plan of an intent that hangs on the moment is repeated when it computes the time from now, else planned afresh', async () => {
  const workspaceId = newId();
  const repeated = async (repeatKey: string, at: Json) => {
    const input = { repeatKey, intent: 'Look at it in 5 minutes' };
    const first = await finish(engine, aRun({ ...input, plan: aPlan([['a', 'look', { at }]]) }), workspaceId);
    const { run } = await finish(engine, aRun(input), workspaceId);
    return run.repeatRunId === first.run.runId;
  };
  expect(await repeated('literal', '2026-11-25T12:05:00Z')).toBe(false);
  expect(await repeated('bound', { $: '$fromMillis($toMillis(now) + 300000)' })).toBe(true);
});

test.for<[what: string, before: string, now: string, q: Json, repeats: boolean]>([
  ['a value that the plan binds is another', 'q=north', 'q=south', { $: 'pairs.q' }, true],
  ['a value that the plan holds written out is another', 'q=north', 'q=south', 'north', false],
  ['a value is bound and written out', 'q=north', 'q=south', { $: "pairs.q = 'north' ? 1 : 2" }, false],
  ['a value that the plan does not read is another', 'q=north', 'q=south', 'all', false],
  ['prose is another', 'q=north; the large ones', 'q=north; the small ones', { $: 'pairs.q' }, false],
  ['a key is gone', 'q=north', 'region=north', { $: 'pairs.q' }, false],
  ['a key is more', 'q=north', 'q=north; region=x', { $: 'pairs.q' }, false],
  ['a key is there twice', 'q=north; q=east', 'q=south; q=east', { $: 'pairs.q' }, false],
  ['a text became a number', 'q=north', 'q=5', { $: 'pairs.q' }, false],
  ['there was no context before', '', 'q=5', 'all', false],
])('with another context a plan repeats only where it binds what changed: %s', async ([_, before, now, q, repeats]) => {
  const workspaceId = newId();
  const input = { repeatKey: 'k', intent: 'Look at it' };
  const plan = aPlan([['a', 'look', { q }]]);
  const first = await finish(engine, aRun({ ...input, context: before, plan }), workspaceId);
  expect(first.run.status).toBe('SUCCESS');
  const { run } = await finish(engine, aRun({ ...input, context: now }), workspaceId);
  expect(run.repeatRunId).toBe(repeats ? first.run.runId : undefined);
  if (repeats) expect(service.seen.at(-1)).toMatchObject({ args: { q: 'south' } });
});

test.each<[what: string, args: { [name: string]: Json }, repeats: boolean]>([
  ['both are bound', { from: { $: '$dateAdd(now, -7, "day")' }, to: { $: 'now' } }, true],
  ['one is written out', { from: '2026-11-18', to: { $: 'now' } }, false],
  ['one is a number', { from: 1_763_424_000, to: { $: 'now' } }, false],
  ['one is the number of a month', { month: 10, to: { $: 'now' } }, false],
  ['one stands in an expression', { from: { $: "$max(['2026-11-18', now])" }, to: { $: 'now' } }, false],
  ['one is a clock', { day: { $: '$substring(now, 0, 10)' }, start: '17:57' }, false],
  ['one is that of the intent', { from: '2026-01-31', to: { $: 'now' }, limit: 100 }, true],
])('a plan of an intent with two times repeats only when no time is left written out: %s', async (_, args, repeats) => {
  const workspaceId = newId();
  const input = { repeatKey: 'k', intent: 'Look at what came between 2026-01-31 and today' };
  const first = await finish(engine, aRun({ ...input, plan: aPlan([['a', 'look', args]]) }), workspaceId);
  const { run } = await finish(engine, aRun(input), workspaceId);
  expect(run.repeatRunId).toBe(repeats ? first.run.runId : undefined);
});

test('a repeat that does not select what its plan calls says so, and plans afresh', async () => {
  const workspaceId = newId();
  const { listing } = service.toolbox;
  await finish(engine, aRun({ repeatKey: 's', plan: aPlan([['a', 'look']]) }), workspaceId);
  const { tools } = listing;
  listing.tools = [];
  const otherRun = await finish(
    engine,
    aRun({ repeatKey: 's', selectedCustomerIntegrationIds: ['other'] }),
    workspaceId,
  );
  const same = await finish(engine, aRun({ repeatKey: 's' }), workspaceId);
  listing.tools = tools;
  const reasons = [otherRun, same].map(({ events }) => events.find(({ type }) => type === 'status'));
  expect(reasons).toMatchObject([
    { reason: expect.stringMatching(/^New plan, because .* is not selected\.$/) },
    { reason: expect.stringMatching(/^New plan, because .* is gone\.$/) },
  ]);
});

test('a repeat executes the stored plan, a changed tool makes it plan afresh', async () => {
  const workspaceId = newId();
  const plan = aPlan([['a', 'look', { q: 1 }]]);
  const first = await finish(engine, aRun({ repeatKey: 'k', plan }), workspaceId);
  const again = await finish(engine, aRun({ repeatKey: 'k' }), workspaceId);
  expect(again.run).toMatchObject({ status: 'SUCCESS', repeatRunId: first.run.runId, result: first.run.result });
  const otherRun = await finish(engine, aRun({ repeatKey: 'k', intent: 'Another' }), workspaceId);
  expect([otherRun.run.repeatRunId, otherRun.run.status]).toEqual([undefined, 'NO_SUCCESS']);
  const tool = service.toolbox.listing.tools[0]!;
  service.toolbox.listing.tools[0] = {
    ...tool,
    fingerprint: 'another',
    inputSchema: { type: 'object', additionalProperties: false },
  };
  const changed = await finish(engine, aRun({ repeatKey: 'k' }), workspaceId);
  service.toolbox.listing.tools[0] = tool;
  expect([changed.run.repeatRunId, changed.run.status]).toEqual([undefined, 'NO_SUCCESS']);
  expect(summary(changed.events)).toEqual(['1 start RUNNING', '2 status RUNNING', '3 end NO_SUCCESS']);
});
