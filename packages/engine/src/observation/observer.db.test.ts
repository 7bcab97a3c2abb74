// What the engine reports to its observer: work with its parents, and business events.
import { newId } from '@errand/db';
import type { BusinessEvents, Observer, Span, Work, WorkEnd } from '@errand/ports/observer';
import type { Toolbox } from '@errand/ports/toolbox';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { approvalsOf, by } from '../testing/approvals.ts';
import { aPlan, aRun, finish, startEngines, untilWaiting } from '../testing/engine.ts';
import { scriptedPlanner } from '../testing/planner.ts';
import { startService } from '../testing/service.ts';

type RecordedSpan = { name: string; parent: string | null; end?: WorkEnd };
type RecordedEvent = { name: string; runId?: string; tool?: { operation: string } } & Record<string, unknown>;

let spans: RecordedSpan[];
let events: RecordedEvent[];
let stored: object[];
let finished: object[];
let isTraced: boolean;
/** An event, or the begin or end of a kind of work, at which the observer throws. */
let broken: string | undefined;
let warnings: string[];
/** A point at which the process dies once. */
let deadly: string | undefined;
/** The number of times that the database fails when a planner is about to be asked. */
let failedReads: number;

const nameOf = (work: Work): string => {
  if (work.kind === 'step') return `step ${work.stepId}`;
  return work.kind === 'call' ? `call ${work.toolCallId} ${work.attempt}` : work.kind;
};

const failAt = (point: string): void => {
  if (point === broken) throw new Error('The observer is broken.');
};

function beginSpan(name: string, parent: string | null): Span {
  const span: RecordedSpan = { name, parent };
  spans.push(span);
  return {
    begin(work) {
      failAt(`begin ${work.kind}`);
      return beginSpan(nameOf(work), name);
    },
    end(end) {
      span.end ??= end;
      failAt(`end ${name.split(' ', 1)}`);
    },
    traceparent: '',
  };
}

/** Ends an activation as a crash does. */
function dieAt(point: string): void {
  if (point !== deadly) return;
  deadly = undefined;
  throw Object.assign(new Error('killed'), { code: 'ECONNRESET' });
}

const note = (name: keyof BusinessEvents) => (event: object) => {
  events.push({ name, ...event });
  failAt(name);
};

const observer: Required<Observer> = {
  runStored: (run) => void stored.push(run),
  runFinished: (run) => void finished.push(run),
  activation: ({ activation }) => (isTraced ? beginSpan(`activation ${activation}`, null) : undefined),
  delivery: () => undefined,
  runCreated: note('runCreated'),
  runEnded: note('runEnded'),
  runClaimed: note('runClaimed'),
  leaseLost: note('leaseLost'),
  leasesFreed: note('leasesFreed'),
  waitBegun: note('waitBegun'),
  waitEnded: note('waitEnded'),
  firstCall: note('firstCall'),
  callEnded: note('callEnded'),
  callRetried: note('callRetried'),
  modelAsked: note('modelAsked'),
};

const withFailingReads = (toolbox: Toolbox): Toolbox => ({
  ...toolbox,
  catalog: async (...args) => ({
    ...(await toolbox.catalog(...args)),
    async observedOutputSchemas() {
      if (failedReads-- > 0) throw Object.assign(new Error('The connection ended.'), { code: 'ECONNRESET' });
      return {};
    },
  }),
});

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;
const script = scriptedPlanner();

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  const log = { debug() {}, info() {}, error() {}, warn: (_: object, text: string) => void warnings.push(text) };
  const { planner } = script;
  const workers = { watchMs: 50, tickMs: 50 };
  engine = await engines.engine(withFailingReads(service.toolbox), {
    planner,
    callPolicy: { backoffMs: 1 },
    observer,
    log,
    workers,
    faults: { at: dieAt },
  });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
beforeEach(() => {
  spans = [];
  events = [];
  stored = [];
  finished = [];
  isTraced = true;
  broken = undefined;
  warnings = [];
  deadly = undefined;
  failedReads = 0;
  service.seen.length = 0;
  script.reset();
  for (const name of Object.keys(service.behaviours)) delete service.behaviours[name];
});

const tree = () =>
  spans.map(({ name, parent, end }) => `${parent ?? ''} > ${name}: ${end?.error ?? end?.state ?? end?.status}`);
/** Without `runCreated`, which a worker that claims the run at once may precede. */
const eventsOf = (runId: string) => events.filter((event) => event.runId === runId && event.name !== 'runCreated');
const allEnded = () => expect.poll(() => spans.filter(({ end }) => end === undefined)).toEqual([]);

test('an activation, its plan, steps and attempts are observed with their parents and ends', async () => {
  const reads = { of: { $: 'steps.a.output' } };
  script.plans = [
    aPlan(
      [
        ['a', 'look'],
        ['b', 'find', reads],
      ],
      { $: 'steps.b.output' },
    ),
  ];
  let failures = 1;
  service.behaviours.look = (_seen, _request, response) => {
    if (failures-- > 0) response.statusCode = 503;
    return { items: [] };
  };
  const { run } = await finish(engine, aRun());
  expect(run.status).toBe('SUCCESS');
  await allEnded();
  expect(tree()).toEqual([
    ' > activation 1: SUCCESS',
    'activation 1 > plan: plan',
    'activation 1 > step a: done',
    'step a > call a 1: upstream_error',
    'step a > call a 2: 200',
    'activation 1 > step b: done',
    'step b > call b 1: 200',
  ]);
  const ms = expect.any(Number);
  const { runId } = run;
  const created = { name: 'runCreated', runId, workspaceId: expect.any(String), by: 'request' };
  expect(events.filter(({ name }) => name === 'runCreated')).toEqual([created]);
  expect(stored).toEqual([{ runId, workspaceId: expect.any(String), traceparent: undefined }]);
  const { startedAt, endedAt } = run;
  expect(finished).toMatchObject([{ runId, status: 'SUCCESS', startedAt, endedAt }]);
  expect(eventsOf(run.runId)).toMatchObject([
    { name: 'runClaimed', activation: 1, deaths: 0 },
    { name: 'modelAsked', purpose: 'plan', usage: { inputTokens: 1, outputTokens: 1 } },
    { name: 'firstCall', runAgeMs: ms },
    { name: 'callEnded', tool: { operation: 'look' }, attempt: 1, code: 'upstream_error', ms },
    { name: 'callRetried', tool: { operation: 'look' }, why: 'retry', code: 'upstream_error' },
    { name: 'callEnded', tool: { operation: 'look' }, attempt: 2, code: undefined, status: 200 },
    { name: 'callEnded', tool: { operation: 'find' }, attempt: 1, status: 200 },
    { name: 'runEnded', status: 'SUCCESS', code: undefined, activeMs: ms },
  ]);
});

test('a wait is reported when it begins and when a person has decided, and another activation continues', async () => {
  const plan = aPlan([['w', 'make']]);
  const waiting = await untilWaiting(engine, aRun({ plan, approvalStrategy: 'ON_WRITE' }));
  await expect.poll(() => spans[0]?.end).toEqual({ state: 'waiting' });
  const [approvalId] = approvalsOf(waiting as never);
  await engine.decideApproval(waiting.workspaceId, { approvalId: approvalId!, decision: 'approve' }, by);
  await engine.waitForRun(waiting.workspaceId, waiting.runId, 20_000);
  await allEnded();
  expect(tree()).toEqual([
    ' > activation 1: waiting',
    ' > activation 2: SUCCESS',
    'activation 2 > step w: done',
    'step w > call w 1: 200',
  ]);
  expect(eventsOf(waiting.runId)).toMatchObject([
    { name: 'runClaimed', activation: 1 },
    { name: 'waitBegun', kind: 'tool_approval' },
    { name: 'waitEnded', kind: 'tool_approval', decision: 'approve', expired: false, waitedMs: expect.any(Number) },
    { name: 'runClaimed', activation: 2 },
    { name: 'firstCall' },
    { name: 'callEnded', status: 200 },
    { name: 'runEnded', status: 'SUCCESS' },
  ]);
});

test('a run that is not traced is counted, and a fault of the observer changes nothing', async () => {
  isTraced = false;
  broken = 'callEnded';
  const { run } = await finish(
    engine,
    aRun({
      plan: aPlan([
        ['a', 'look'],
        ['b', 'look'],
      ]),
    }),
  );
  expect(run.status).toBe('SUCCESS');
  expect(spans).toEqual([]);
  expect(events.filter(({ name }) => name === 'callEnded')).toHaveLength(2);
  expect(events.at(-1)).toMatchObject({ name: 'runEnded', status: 'SUCCESS' });
  expect(warnings).toEqual(['The observer of the engine failed; its counts and traces may be incomplete.']);
});

test.each([
  ...['begin step', 'begin call', 'end call', 'end step', 'end activation'],
  ...['callEnded', 'firstCall', 'runClaimed', 'runEnded'],
])('an observer that fails at %s repeats no write', async (point) => {
  broken = point;
  const { run } = await finish(engine, aRun({ plan: aPlan([['w', 'make']]) }));
  expect(run.status).toBe('SUCCESS');
  expect(service.calls('make')).toBe(1);
});

test('a process that dies between the answer of a write and its record does not send it again', async () => {
  deadly = 'call.after';
  const waiting = await untilWaiting(engine, aRun({ plan: aPlan([['w', 'make']]) }));
  expect(waiting.waitingOn).toMatchObject([{ kind: 'effect' }]);
  expect(service.calls('make')).toBe(1);
});

test('the span of a plan ends if the database fails before the planner is asked', async () => {
  script.plans = [aPlan([['a', 'look']])];
  failedReads = 1;
  const { run } = await finish(engine, aRun());
  expect(run.status).toBe('SUCCESS');
  await allEnded();
  expect(tree().slice(0, 4)).toEqual([
    ' > activation 1: activation_failed',
    'activation 1 > plan: activation_failed',
    ' > activation 2: SUCCESS',
    'activation 2 > plan: plan',
  ]);
});

test('a cancelled run loses its activation, and its end is reported once', async () => {
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  service.behaviours.look = () => {
    reach();
    return new Promise<never>(() => {});
  };
  const workspaceId = newId();
  const { runId } = await engine.create(workspaceId, aRun({ plan: aPlan([['a', 'look']]) }));
  await reached;
  await engine.cancel(workspaceId, runId);
  await expect.poll(() => spans[0]?.end).toEqual({ error: 'lease_lost' });
  await allEnded();
  expect(eventsOf(runId).filter(({ name }) => name === 'runEnded')).toMatchObject([{ status: 'CANCELED' }]);
  expect(eventsOf(runId).map(({ name }) => name)).toContain('leaseLost');
});
