// Reports runs to the observer of the service, as the engine and the packages below it do, and measures the processor time of this process.
import { setTimeout as pause } from 'node:timers/promises';
import { createRedactor } from '@errand/basics/redactor';
import type { ToolSpec } from '@errand/contracts';
import { observation } from '@errand/engine/report';
import { StepSpans } from '@errand/engine/step-spans';
import type { Observer } from '@errand/ports/observer';
import { EventCounts } from '@errand/server/business-events';
import { openTraces } from '@errand/server/traces';
import type { Mode, Sample } from './modes.ts';

const STEPS = ['a', 'b', 'c', 'd', 'e'];
const WORKSPACE = crypto.randomUUID();
const SECRETS = 20;
const RUNS_A_TURN = 10;

const redactor = createRedactor();
for (let i = 0; i < SECRETS; i++) redactor.add(`${crypto.randomUUID()}${crypto.randomUUID()}`);

const tool = {
  name: 'crm_1.getItem',
  customerIntegrationId: 'crm_1',
  integrationName: 'Warehouse',
  operation: 'getItem',
  effect: 'read',
} as ToolSpec;
const args = { path: { id: 1 } };
const output = { id: 1, next: 2, name: 'Item 1', price: 12.5, stock: [1, 2] };
const TIME = new Date(0).toISOString();
const usage = { inputTokens: 2000, outputTokens: 300 };

const log = { debug() {}, info() {}, warn: console.warn, error: console.error };

type Observation = ReturnType<typeof observation>;

const newRun = () => ({ workspaceId: WORKSPACE, runId: crypto.randomUUID() });

function observeRun({ report, reportCreated, reportChange, beginActivation }: Observation): void {
  const run = newRun();
  const { workspaceId, runId } = run;
  const activation = { workspaceId, runId, activation: 1, deaths: 0 };
  reportCreated({ by: 'request', ...run }, undefined);
  report('runClaimed', activation);
  const span = beginActivation(activation);
  const plan = span?.begin({ kind: 'plan', isReplan: false });
  report('modelAsked', { purpose: 'plan', usage, ...run });
  plan?.end({ state: 'plan' });
  const spans = span && new StepSpans(span);
  report('firstCall', { runAgeMs: 5, ...run });
  for (const id of STEPS) {
    const step = { id, tool: tool.name };
    const call = spans?.beginCall({ step, tool, toolCallId: id, attempt: 1, args });
    const startedAt = performance.now();
    const request = call?.begin({
      kind: 'request',
      method: 'GET',
      origin: 'http://127.0.0.1:4101',
      template: '/items/{id}',
    });
    request?.end({ status: 200 });
    call?.end({ error: undefined, status: 200, output });
    report('callEnded', { tool, attempt: 1, ms: performance.now() - startedAt, status: 200, ...run });
    spans?.endStep(step, { state: 'done' });
  }
  spans?.close();
  reportChange(run, { ended: { status: 'SUCCESS', code: undefined, activeMs: 5, startedAt: TIME, endedAt: TIME } });
  span?.end({ state: 'SUCCESS' });
  span?.end({});
}

const RATIO: Readonly<Partial<Record<Mode, number>>> = { unsampled: 0, on: 1, content: 1 };

async function sample(mode: Mode, runs: number): Promise<Sample> {
  const closers: (() => Promise<void>)[] = [];
  const makesSpans = RATIO[mode] === 1;
  const before = process.cpuUsage();
  const observed = mode === 'none' ? undefined : observation(await observerOf(mode, closers), log);
  for (let i = 1; i <= runs; i++) {
    if (observed) observeRun(observed);
    else newRun();
    // Spans are exported between the turns of the loop.
    if (makesSpans && i % RUNS_A_TURN === 0) await pause(1);
  }
  for (const close of closers) await close();
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: (user + system) / runs };
}

async function observerOf(mode: Mode, closers: (() => Promise<void>)[]): Promise<Observer> {
  const counts = new EventCounts(redactor.redact);
  const ratio = RATIO[mode];
  const traces = ratio === undefined ? undefined : { ratio, withContent: mode === 'content' };
  const tracer = await openTraces({ traces, traceHeaders: [] }, { log, redactor, closers });
  return { ...tracer, ...counts };
}

process.on('message', async (message: string) => {
  const [mode, runs] = message.split(' ');
  process.send?.(await sample(mode as Mode, Number(runs)));
});
process.send?.({});
