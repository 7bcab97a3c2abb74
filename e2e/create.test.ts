// A run is created once for repeated requests, and a request can wait for its end.
import { beforeAll, expect, test } from 'vitest';
import { aRun, carryOut, eventsOf, whole } from './fixtures/builders.ts';
import { request } from './fixtures/request.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';
import { openWorkspace, type Workspace } from './fixtures/workspace.ts';

let workspace: Workspace;
let api: Api;
beforeAll(async () => {
  workspace = await openWorkspace();
  api = overTrpc(workspace);
  return () => workspace.close();
});

const post = (body: unknown, headers: Record<string, string>) => request(workspace, '/v1/runs', { body, headers });

test('of fifty racing requests with one Idempotency-Key one creates the run, and all answer with it', async () => {
  const userId = crypto.randomUUID();
  const headers = { 'idempotency-key': userId };
  const racing = Array.from({ length: 50 }, async () => {
    for (;;) {
      const answer = await post(aRun({ userId }), headers);
      if (answer.status !== 409) return answer;
      expect(answer.problem.code).toBe('request_in_progress');
      expect(answer.headers.get('retry-after')).toBe('1');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
  const answers = await Promise.all(racing);

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(answers.filter((answer) => answer.headers.get('idempotent-replayed') === 'true')).toHaveLength(49);
  const { runs } = await overRest(workspace).runs.list({ userId });
  expect(runs.map(({ runId }) => runId)).toEqual([JSON.parse(answers[0]!.text).runId]);
});

test('a key with another body is refused, and so is a malformed key', async () => {
  const userId = crypto.randomUUID();
  const headers = { 'idempotency-key': userId };
  await post(aRun({ userId }), headers);

  expect(await post(aRun({ userId, intent: 'Another' }), headers)).toMatchObject({
    status: 422,
    problem: { code: 'idempotency_key_reused' },
  });
  for (const key of ['x'.repeat(256), 'a b']) {
    expect(await post(aRun({ userId }), { 'idempotency-key': key })).toMatchObject({
      status: 400,
      problem: { code: 'invalid_idempotency_key' },
    });
  }
  expect((await overRest(workspace).runs.list({ userId })).runs).toHaveLength(1);
});

test('a run uses up a key, a refusal does not', async () => {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  expect((await post(aRun({ intent: '' }), headers)).status).toBe(400);
  expect((await post(aRun(), headers)).status).toBe(201);
});

test('field order and explicit defaults do not change the body', async () => {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const { intent, userId, selectedCustomerIntegrationIds } = aRun();
  const first = await post({ intent, userId, selectedCustomerIntegrationIds }, headers);
  const second = await post({ userId, selectedCustomerIntegrationIds, context: '', intent }, headers);
  expect(second.text).toBe(first.text);
});

test('the same key gives the same run', async () => {
  const input = aRun({ idempotencyKey: crypto.randomUUID() });
  const first = await api.runs.create(input);
  expect(await api.runs.create(input)).toEqual(first);
  await expect(api.runs.create({ ...input, context: 'more' })).rejects.toMatchObject({
    status: 422,
    problem: { code: 'idempotency_key_reused' },
  });
});

test('a wait for the end answers with the whole run', async () => {
  const run = whole(await api.runs.create(aRun({ prefer: 'wait=20' })));

  expect(run).toMatchObject({ status: 'SUCCESS', plan: { planType: 'json' } });
  expect(run.events).toEqual(await eventsOf(api, run.runId));
  const { plan, answer, ...rest } = run;
  expect(answer).toBe('run');
  expect(await api.runs.get({ runId: run.runId, includeEvents: true })).toEqual(rest);
  expect(await api.executionPlans.get({ executionPlanId: run.executionPlanId })).toMatchObject(plan);
});

test('a repeat executes the plan of the earlier run; another intent, user or schema does not', async () => {
  const repeatKey = crypto.randomUUID();
  const { run: first, events } = await carryOut(api, aRun({ repeatKey }));
  expect(first).toMatchObject({ status: 'SUCCESS', repeatKey });
  expect(first.repeatRunId).toBeUndefined();
  const before = workspace.crm.requests.length;
  const again = await carryOut(api, aRun({ repeatKey }));

  expect(again.created).toMatchObject({ repeatRunId: first.runId, plan: { planType: 'json' } });
  expect(again.run).toMatchObject({ status: 'SUCCESS', repeatRunId: first.runId, result: first.result });
  const callsOf = (list: typeof events) =>
    list
      .flatMap((event) => (event.type === 'step' ? (event.step.toolCalls ?? []) : []))
      .map(({ toolName, toolParameters }) => [toolName, toolParameters]);
  expect(callsOf(again.events)).toEqual(callsOf(events));
  expect(workspace.crm.requests.slice(before).map(({ operation }) => operation)).toEqual(['listUsers']);

  for (const change of [{ intent: 'List all products' }, { userId: 'someone-else' }, { outputSchema: {} }]) {
    expect(await api.runs.create(aRun({ repeatKey, ...change }))).not.toHaveProperty('repeatRunId');
  }
});

test('alternating contexts each repeat their own run', async () => {
  const input = { intent: 'Create a summary of the latest sales data', repeatKey: crypto.randomUUID() };
  const earlier = new Map<string, unknown>();
  for (const context of ['Focus on Q4 2023 data', 'Focus on Q3 2023 data']) {
    const { run } = await carryOut(api, aRun({ ...input, context }));
    expect(run.repeatRunId).toBeUndefined();
    earlier.set(context, run.result);
  }
  for (const [context, result] of earlier) {
    const { run } = await carryOut(api, aRun({ ...input, context }));
    expect(run).toMatchObject({ status: 'SUCCESS', repeatRunId: expect.any(String), result });
  }
});

test('a time relative to now is relative to the repeat', async () => {
  const input = aRun({ intent: 'Log a call with Contoso in 5 minutes', repeatKey: crypto.randomUUID() });
  const { activities } = workspace.crm.data;
  const laterThanCreated = async () => {
    const { created, run } = await carryOut(api, input);
    expect(run.status).toBe('SUCCESS');
    return { run, later: Date.parse(activities.at(-1)!.scheduledAt!) - Date.parse(created.createdAt) };
  };
  const first = await laterThanCreated();
  await expect.poll(() => Date.now(), { timeout: 5000 }).toBeGreaterThan(Date.parse(first.run.createdAt) + 2500);
  const second = await laterThanCreated();
  expect(second.run.repeatRunId).toBe(first.run.runId);
  for (const { later } of [first, second]) expect(Math.abs(later - 5 * 60_000)).toBeLessThanOrEqual(1000);
});

test('a wait reports its duration, and ends with its timeout', async () => {
  const waited = await post(aRun(), { prefer: 'wait=20' });
  expect(waited.headers.get('preference-applied')).toBe('wait=20');
  expect(JSON.parse(waited.text).status).toBe('SUCCESS');
});
