// A run is saved as an action and run again with other inputs, without planning.
import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { ended, startWaiting } from '../fixtures/office.ts';
import { request } from '../fixtures/request.ts';
import { type Api, overRest, transports } from '../fixtures/transports.ts';
import { aKey, done, openTill, refused, type Till, USER } from './till.ts';

let till: Till;
beforeAll(async () => {
  till = await openTill();
  return () => till.close();
});
beforeEach(() => {
  till.stub.hits.length = 0;
});

describe.each(transports)('over %s', (_, apiOver) => {
  let api: Api;
  beforeAll(() => {
    api = apiOver(till.stack);
  });

  test('a planned run is saved; the values of its intent are inputs, and another input gives another answer', async () => {
    const run = await done(api, {
      intent: 'Which deals over 50000 does the account Northwind have, and who owns them?',
      selectedCustomerIntegrationIds: [till.crm],
    });
    expect(run.status).toBe('SUCCESS');
    const key = aKey();
    const action = await api.actions.keep({ key, runId: run.runId });
    expect(action).toMatchObject({
      key,
      intent: run.intent,
      runId: run.runId,
      useDefaultMapping: true,
      state: 'active',
      customerIntegrationIds: [till.crm],
      inputSchema: { type: 'object', additionalProperties: false },
    });
    const bound = action.values.filter((value) => value.bound);
    expect(bound.map(({ value }) => value).sort()).toEqual([50000, 'Northwind']);
    const steps = action.plan.steps.map(({ reason: _, ...step }) => step);
    expect(JSON.stringify([steps, action.plan.result])).not.toMatch(/northwind|50000/i);
    expect(action.words).toMatch(/^.*\n\n1\. .*input/s);
    expect(await api.actions.get({ key })).toEqual(action);

    const nameOf = (value: unknown) => bound.find((candidate) => candidate.value === value)!.name;
    const input = (account: string, amount: number) => ({ [nameOf('Northwind')]: account, [nameOf(50000)]: amount });
    const same = await api.actions.run({ key, userId: USER, input: input('Northwind', 50000) });
    expect(same.output).toEqual(run.result);
    const secondStart = await api.actions.run({ key, userId: USER, input: input('Contoso', 20000) });
    const secondRun = await api.runs.get({ runId: secondStart.runId });
    expect(secondRun).toMatchObject({ actionKey: key, status: 'SUCCESS', result: secondStart.output });
    expect(secondRun.intent).toBe('Which deals over 20000 does the account Contoso have, and who owns them?');
    expect(secondRun.usage.inputTokens + secondRun.usage.outputTokens).toBe(0);
    const { plan, ...rest } = await api.executionPlans.get({ executionPlanId: secondRun.executionPlanId });
    expect(rest).toMatchObject({ planType: 'json', input: input('Contoso', 20000) });
    expect(JSON.stringify(plan)).not.toMatch(/northwind/i);
    const planned = await done(api, { intent: secondRun.intent, selectedCustomerIntegrationIds: [till.crm] });
    expect(secondStart.output).toEqual(planned.result);
  });

  test('its inputs reach the service, and its texts contain them', async () => {
    const key = await till.payAction(api);
    const { runId, output } = await api.actions.run({ key, userId: 'user-9', input: { amount: 7, to: 'Bo' } });
    expect([output, till.sent()]).toEqual([
      { id: 'paid' },
      [
        { amount: 25, to: 'Ana' },
        { amount: 7, to: 'Bo' },
      ],
    ]);
    const run = await ended(api, runId);
    expect(run).toMatchObject({ intent: 'Pay 7 to Bo', userId: 'user-9', summary: expect.stringContaining('Bo') });
    expect(run.events.find(({ type }) => type === 'step')).toMatchObject({ step: { reason: 'Bo gets 7' } });
    expect((await api.runs.list({ userId: 'user-9', pageSize: 1 })).runs[0]).toMatchObject({ runId, actionKey: key });
  });

  test("a caller's inputSchema selects the inputs, and can be changed and removed", async () => {
    const { runId } = await till.payment(api);
    const key = aKey();
    const properties = { amount: { type: 'integer', maximum: 100, default: 3 } };
    const action = await api.actions.keep({ key, runId, inputSchema: { type: 'object', properties } });
    expect(action).toMatchObject({
      useDefaultMapping: false,
      values: [
        { name: 'amount', bound: true },
        { name: 'to', bound: false },
      ],
    });
    await api.actions.run({ key, userId: USER, input: { amount: 4 } });
    await api.actions.run({ key, userId: USER, input: {} });
    expect(till.sent().slice(1)).toEqual([
      { amount: 4, to: 'Ana' },
      { amount: 3, to: 'Ana' },
    ]);
    await expect(api.actions.run({ key, userId: USER, input: { amount: 101 } })).rejects.toMatchObject(
      refused(400, 'validation_failed', '/input/amount'),
    );
    const changed = await api.actions.change({
      key,
      inputSchema: null,
      outputSchema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
    });
    expect(changed).toMatchObject({ useDefaultMapping: true, inputSchema: { required: ['amount', 'to'] } });
    expect(await api.actions.run({ key, userId: USER, input: { amount: 5, to: 'Cy' } })).toMatchObject({
      output: { id: 'paid' },
    });
    expect((await api.actions.change({ key, outputSchema: { type: 'number' } })).inputSchema).toEqual(
      changed.inputSchema,
    );
    await expect(api.actions.run({ key, userId: USER, input: { amount: 6, to: 'Cy' } })).rejects.toMatchObject({
      status: 422,
      problem: { code: 'action_failed', runId: expect.any(String) },
    });
  });

  test('actions are listed by key, page by page', async () => {
    const prefix = `list-${randomUUID()}-`;
    const { runId } = await till.payment(api);
    for (const n of [3, 1, 2]) await api.actions.keep({ key: `${prefix}${n}`, runId });
    const all: Awaited<ReturnType<typeof api.actions.list>>['actions'] = [];
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
      const { actions, nextCursor } = await api.actions.list({ pageSize: 2, cursor });
      all.push(...actions);
      cursor = nextCursor;
    }
    const ours = all.filter(({ key }) => key.startsWith(prefix));
    expect(ours.map(({ key }) => key)).toEqual([1, 2, 3].map((n) => `${prefix}${n}`));
    const third = ours[2];
    expect(third).toMatchObject({ key: `${prefix}3`, intent: 'Pay 25 to Ana', useDefaultMapping: true });
    expect(third).not.toHaveProperty('plan');
  });

  test('missing and unknown inputs are refused, and nothing is sent', async () => {
    const key = await till.payAction(api);
    const run = (more: object) => api.actions.run({ key, userId: USER, ...more } as never);
    await expect(run({})).rejects.toMatchObject(refused(400, 'validation_failed', '/input'));
    await expect(run({ input: { amount: 1 } })).rejects.toMatchObject(refused(400, 'validation_failed', '/input/to'));
    await expect(run({ input: { amount: '1', to: 'Bo' } })).rejects.toMatchObject(
      refused(400, 'validation_failed', '/input/amount'),
    );
    await expect(run({ input: { amount: 1, to: 'Bo', more: 1 } })).rejects.toMatchObject(
      refused(400, 'validation_failed'),
    );
    await expect(run({ input: { amount: 1, to: 'x'.repeat(70_000) } })).rejects.toMatchObject(
      refused(400, 'validation_failed'),
    );
    await expect(run({ input: [] })).rejects.toMatchObject(refused(400, 'validation_failed'));
    await expect(run({ input: { amount: 1, to: 'Bo' }, intent: 'x' })).rejects.toMatchObject(
      refused(400, 'validation_failed'),
    );
    await expect(run({ input: { amount: 1, to: 'Bo' }, userId: '' })).rejects.toMatchObject(
      refused(400, 'validation_failed'),
    );
    for (const otherKey of [key.toUpperCase(), aKey()])
      await expect(run({ key: otherKey, input: { amount: 1, to: 'Bo' } })).rejects.toMatchObject(
        refused(404, 'not_found'),
      );
    for (const bad of ['__proto__', 'constructor', 'a/b', '', 'x'.repeat(129), 'ä', '..'])
      await expect(run({ key: bad })).rejects.toMatchObject(refused(400, 'validation_failed'));
    expect(till.sent()).toHaveLength(1);
  });

  test('inputs are data, not expressions, templates or inherited members', async () => {
    const key = await till.payAction(api);
    const odd = [
      '{{input.amount}}',
      '$$.steps',
      '"; $error("x"); "',
      '__proto__',
      'constructor',
      '</script>',
      '\u202e',
      '$&$1',
    ];
    for (const to of odd) await api.actions.run({ key, userId: USER, input: { amount: 1, to } });
    expect(
      till
        .sent()
        .slice(1)
        .map(({ to }) => to),
    ).toEqual(odd);
    const answer = await request(till.stack, '/v1/actions/run', {
      body: JSON.parse(`{"key": "${key}", "userId": "u", "input": {"amount": 1, "to": "Bo", "x": {"y": 1}}}`),
    });
    expect(answer.status).toBe(400);
  });

  test('an action whose run waits for a person answers with the run, which continues after the decision', async () => {
    const key = aKey();
    const { runId, waitingOn } = await startWaiting(api, {
      ...aRun({ intent: 'Pay 25 to Ana', approvalStrategy: 'ON_WRITE' }),
      plan: aPlan('x.y', {
        steps: [{ id: 'pay', tool: `${till.id}.pay`, args: { body: { amount: 25, to: 'Ana' } } }],
      }),
    });
    await api.approvals.decide({ approvalId: waitingOn[0]!.approvalId!, decision: 'approve' });
    await ended(api, runId);
    await api.actions.keep({ key, runId });
    const request = { key, userId: USER, input: { amount: 8, to: 'Di' }, idempotencyKey: randomUUID() };
    const began = Date.now();
    const waits = await api.actions.run(request).catch((error) => error);
    expect(waits).toMatchObject(refused(409, 'action_waits'));
    expect(Date.now() - began).toBeLessThan(10_000);
    const waiting = await api.runs.get({ runId: waits.problem.runId });
    expect(waiting).toMatchObject({ status: 'PAUSED', waitingOn: [{ text: expect.stringContaining('Di') }] });
    // A repeated request answers with the same run.
    await expect(api.actions.run(request)).rejects.toMatchObject({ problem: { runId: waiting.runId } });
    await api.approvals.decide({ approvalId: waiting.waitingOn[0]!.approvalId!, decision: 'approve' });
    expect(await api.actions.run(request)).toEqual({ runId: waiting.runId, output: { id: 'paid' } });
    expect(till.sent().slice(1)).toEqual([{ amount: 8, to: 'Di' }]);
    await expect(api.actions.run({ ...request, input: { amount: 9, to: 'Di' } })).rejects.toMatchObject(
      refused(422, 'idempotency_key_reused'),
    );
  });

  test('a key is unique, and free again when its action is deleted', async () => {
    const key = await till.payAction(api);
    const { runId } = await api.actions.get({ key });
    await expect(api.actions.keep({ key, runId })).rejects.toMatchObject(refused(409, 'action_exists', '/key'));
    await api.actions.keep({ key: key.toUpperCase(), runId });
    await api.actions.delete({ key });
    await expect(api.actions.delete({ key })).rejects.toMatchObject(refused(404, 'not_found'));
    await expect(api.actions.change({ key, inputSchema: null })).rejects.toMatchObject(refused(404, 'not_found'));
    expect((await api.actions.keep({ key, runId })).key).toBe(key);
    expect((await api.actions.get({ key: key.toUpperCase() })).key).toBe(key.toUpperCase());
  });

  test.each([
    [{ properties: { amount: { pattern: '(a+)+$(?=x)' } } }, 'schema_pattern_unsupported'],
    [{ properties: { amount: {}, nobody: {} } }, 'validation_failed'],
    [{ $ref: 'https://example.com/x' }, 'schema_not_supported'],
    [{ description: 'x'.repeat(70_000) }, 'schema_too_complex'],
    [Array.from({ length: 40 }).reduce<object>((inner) => ({ not: inner }), {}), 'schema_too_complex'],
  ])('the schema %# is refused', async (inputSchema, code) => {
    const { runId } = await till.payment(api);
    const key = aKey();
    await expect(api.actions.keep({ key, runId, inputSchema: inputSchema as never })).rejects.toMatchObject(
      refused(400, code),
    );
    await expect(api.actions.get({ key })).rejects.toMatchObject(refused(404, 'not_found'));
  });
});

test('schemas of a megabyte, a thousand inputs and endless patterns are refused quickly, or cost little', async () => {
  const api = overRest(till.stack);
  const { runId } = await till.payment(api);
  const key = aKey();
  const keep = (inputSchema: object) => api.actions.keep({ key, runId, inputSchema: inputSchema as never });
  const of = (properties: object) => ({ type: 'object', properties });
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`v${n}`, { type: 'integer' }]));
  const deep = JSON.parse(`${'{"properties":{"amount":'.repeat(200)}{}${'}}'.repeat(200)}`) as object;
  const large = { amount: { type: 'integer', description: 'x'.repeat(1024 * 1024) } };
  await expect(keep(of(large))).rejects.toMatchObject({ status: 413, problem: { code: 'body_too_large' } });
  await expect(keep(of(many))).rejects.toMatchObject({ status: 400, problem: { code: 'schema_too_complex' } });
  await expect(keep(deep)).rejects.toMatchObject({ status: 400, problem: { code: 'json_too_deep' } });
  await keep(of({ to: { type: 'string', pattern: '^(a+)+$' } }));
  const began = performance.now();
  const slow = api.actions.run({ key, userId: USER, input: { to: `${'a'.repeat(10_000)}!` } });
  await expect(slow).rejects.toMatchObject(refused(400, 'validation_failed', '/input/to'));
  expect(performance.now() - began).toBeLessThan(5000);

  const amounts = Array.from({ length: 1000 }, (_, n) => n + 10_000);
  const steps = Array.from({ length: 20 }, (_, n) => ({
    id: `p${n}`,
    tool: `${till.id}.pay`,
    args: { body: { amount: amounts[n]!, to: amounts.slice(n * 50, n * 50 + 50).join(' ') } },
  }));
  const run = await done(api, { intent: `Pay ${amounts.join(' ')}`, plan: { goal: 'Pay', steps, result: amounts } });
  const action = await api.actions.keep({ key: aKey(), runId: run.runId });
  expect([action.values.length, Object.keys(action.inputSchema!.properties as object).length]).toEqual([50, 50]);
});
