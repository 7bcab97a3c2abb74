import type { PlanDraft, PlanInput, ToolSource } from '@errand/contracts';
import { newId } from '@errand/db';
import type { Planner } from '@errand/ports/planner';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import type { Engine } from '../engine.ts';
import { aPlan, aRun, startEngines } from '../testing/engine.ts';
import { scriptedPlanner } from '../testing/planner.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
const script = scriptedPlanner();
let drafted: (() => Promise<PlanDraft>) | undefined;
let engine: Engine;
const usage = { inputTokens: 100, outputTokens: 20, cost: { amount: 0.25, currency: 'EUR' } };
beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  const planner: Planner<ToolSource> = {
    replans: true,
    plan: (request) => (drafted ? drafted() : script.planner.plan(request)),
  };
  engine = await engines.engine(service.toolbox, { planner, work: false });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});

const look = (plan: PlanInput[], more: Record<string, unknown> = {}, workspaceId = newId()) => {
  drafted = undefined;
  script.reset();
  script.plans.push(...plan);
  const { idempotencyKey: _, prefer: __, ...input } = aRun(more);
  return engine.preflight(workspaceId, { input, signal: AbortSignal.timeout(20_000) });
};
const drafting = (draft: () => Promise<PlanDraft>, signal = AbortSignal.timeout(20_000), workspaceId = newId()) => {
  drafted = draft;
  return engine.preflight(workspaceId, { input: aRun(), signal });
};

test('a plan that only looks is shown, and what it spent', async () => {
  const plan = { ...aPlan([['a', 'look', { q: 1 }]]), then: 'plan' as const };
  const preflight = await look([plan]);
  expect(preflight).toMatchObject({
    plan: { then: 'plan' },
    problems: [{ code: 'looks_first', message: expect.stringContaining('Create the run without a plan.') }],
    estimate: { calls: 1, writes: 0, atLeast: false, tokens: 2 },
    usage: { inputTokens: 1, outputTokens: 1, priceUnknown: true },
  });
  expect(service.seen).toEqual([]);
});

test('a plan that the checker refuses is not shown', async () => {
  const preflight = await look([aPlan([['a', 'nobodys']])]);
  expect(preflight.plan).toBeUndefined();
  expect(preflight.problems).toEqual([{ code: 'no_plan', message: 'Nothing is left to do.' }]);
  expect(script.faults).toHaveLength(1);
});

test('a question of the planner is shown with its answers, and asked of nobody', async () => {
  const question = { question: 'Which Alex?', choices: [{ value: 'a1', label: 'Alex Lee' }, 'none of them'] };
  const preflight = await drafting(async () => ({ kind: 'question', question, usage }));
  expect(preflight.problems).toEqual([
    {
      code: 'question',
      message: 'Which Alex?',
      choices: [
        { value: 'a1', label: 'Alex Lee' },
        { value: 'none of them', label: 'none of them' },
      ],
    },
  ]);
  expect(preflight).toMatchObject({
    usage: { inputTokens: 100, cost: { amount: 0.25, currency: 'EUR' } },
    estimate: { tokens: 120 },
  });
  expect(await engines.query('SELECT 1 FROM decision_request UNION ALL SELECT 1 FROM run', [])).toEqual([]);
});

test('a planner that fails is a problem of the preflight, and its error stays private', async () => {
  const preflight = await drafting(() => Promise.reject(new Error('secret of the house')));
  expect(preflight.problems).toEqual([
    { code: 'plan_failed', message: 'Planning failed because of an internal error.' },
  ]);
});

test('two are planned at a time for a workspace; a caller that leaves makes room', async () => {
  const workspaceId = newId();
  const leave = new AbortController();
  let begun = 0;
  let end = () => {};
  const heldDraft = new Promise<PlanDraft>((resolve) => {
    end = () => resolve({ kind: 'none', code: 'no_plan', reason: 'None.', retryable: false, usage });
  });
  const plan = () => {
    begun++;
    return Promise.race([
      heldDraft,
      new Promise<never>((_, reject) => leave.signal.addEventListener('abort', () => reject(new Error('left')))),
    ]);
  };
  const first = [drafting(plan, leave.signal, workspaceId), drafting(plan, leave.signal, workspaceId)];
  await vi.waitFor(() => expect(begun).toBe(2));
  await expect(drafting(plan, leave.signal, workspaceId)).rejects.toMatchObject({ code: 'too_many_preflights' });
  const otherDraft = drafting(async () => ({
    kind: 'none',
    code: 'no_plan',
    reason: 'Other.',
    retryable: false,
    usage,
  }));
  expect((await otherDraft).problems).toEqual([{ code: 'no_plan', message: 'Other.' }]);
  leave.abort();
  for (const settled of await Promise.allSettled(first)) expect(settled.status).toBe('rejected');
  end();
  expect((await drafting(plan, AbortSignal.timeout(20_000), workspaceId)).problems).toEqual([
    { code: 'no_plan', message: 'None.' },
  ]);
});
