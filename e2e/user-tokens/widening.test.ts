// The ways to get more from a user token than its key gave. e2e/trouble/user-tokens.test.ts has the ends of keys, matrix.test.ts all ids.
import { beforeAll, describe, expect, test } from 'vitest';
import { aRun, carryOut } from '../fixtures/builders.ts';
import { ended, type Office, openOffice, payments, startWaiting } from '../fixtures/office.ts';
import { request } from '../fixtures/request.ts';
import { type Api, overRest, transports } from '../fixtures/transports.ts';
import { asUser, userCaller } from '../fixtures/user-tokens.ts';

let office: Office;
let product: Api;
beforeAll(async () => {
  office = await openOffice();
  product = overRest(office.stack);
  return () => office.close();
});

const refused = (status: number, code: string, detail?: string) =>
  expect.objectContaining({
    status,
    problem: expect.objectContaining({
      code,
      ...(detail !== undefined && { detail: expect.stringContaining(detail) }),
    }),
  });

const look = () => ({ goal: 'Look', steps: [{ id: 'a', tool: `${office.id}.look` }] });
const ask = { userId: 'ada', can: ['watch', 'ask'] as ('watch' | 'ask')[] };

describe('a key mints no token', () => {
  type NewToken = Parameters<Api['userTokens']['create']>[0];
  const someRun = '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01';
  const cases: [string, Partial<NewToken>, number, string][] = [
    ['without abilities', { can: [] }, 400, 'validation_failed'],
    ['that edits and does not decide', { can: ['edit'] }, 400, 'validation_failed'],
    ['that asks within some runs', { can: ['ask'], integrations: ['*'], runIds: [someRun] }, 400, 'validation_failed'],
    ['that asks without integrations', { can: ['ask'] }, 400, 'validation_failed'],
    ['with settings of runs and without ask', { run: { metadata: { team: 'x' } } }, 400, 'validation_failed'],
    ['for longer than an hour', { minutes: 61 }, 400, 'validation_failed'],
    ['with larger limits', { limits: { openRuns: 51 } }, 400, 'validation_failed'],
    ['for an unknown run', { runIds: [someRun] }, 404, 'not_found'],
    ['for an unknown integration', { integrations: ['crm_00000000'] }, 400, 'connection_not_found'],
    [
      'with a schema that cannot be checked',
      { ...ask, integrations: ['*'], run: { outputSchema: { type: 'x' } } },
      400,
      'schema_not_supported',
    ],
    ['that could be repeated', { idempotencyKey: 'once' }, 400, 'not_supported'],
    ['for a person, without the scope', { person: { id: 'ana', name: 'Ana' } }, 403, 'insufficient_scope'],
  ];
  test.each(cases)('%s', async (_, input, status, code) => {
    const minter = overRest(await office.callerWith('admin'));
    await expect(minter.userTokens.create({ userId: 'ada', can: ['watch'], ...input })).rejects.toEqual(
      refused(status, code),
    );
  });

  test.each<['watch' | 'decide' | 'connect' | 'ask', 'runs:read' | 'runs:write']>([
    ['watch', 'runs:write'],
    ['decide', 'runs:read'],
    ['connect', 'runs:read'],
    ['ask', 'runs:read'],
  ])('with %s, if it lacks the scope', async (ability, scope) => {
    const minter = overRest(await office.callerWith(scope));
    const input = { userId: 'ada', can: [ability], integrations: ['*'] as ['*'] };
    await expect(minter.userTokens.create(input)).rejects.toEqual(refused(403, 'insufficient_scope'));
    await expect(minter.userTokens.create({ ...input, can: ['watch', ability] })).rejects.toEqual(
      refused(403, 'insufficient_scope'),
    );
  });

  test('for a run of another user, with the answer of an unknown run', async () => {
    const { runId } = (await carryOut(product, aRun({ userId: 'ben', plan: look() }))).run;
    await expect(product.userTokens.create({ userId: 'ada', can: ['watch'], runIds: [runId] })).rejects.toEqual(
      refused(404, 'not_found', 'There is no such run.'),
    );
  });
});

test('a token mints and revokes nothing, and neither does a key without a scope of an ability', async () => {
  const api = await asUser(office.stack, { userId: 'ada', can: ['watch', 'decide'] });
  await expect(api.userTokens.create({ userId: 'ada', can: ['watch'] })).rejects.toEqual(
    refused(403, 'insufficient_ability'),
  );
  await expect(api.userTokens.revoke({ userId: 'ada' })).rejects.toEqual(refused(403, 'insufficient_ability'));
  const hooks = overRest(await office.callerWith('webhooks:write'));
  await expect(hooks.userTokens.revoke({ userId: 'ada' })).rejects.toEqual(refused(403, 'insufficient_scope'));
});

test('a token is accepted in Authorization at /v1 and /trpc alone', async () => {
  const { url, apiKey } = await userCaller(office.stack, { userId: 'ada' });
  const bearer = { authorization: `Bearer ${apiKey}` };
  const sentence =
    'A user token is accepted in `Authorization: Bearer` alone, at `/v1` and `/trpc`, and never in a URL.';
  const nobody = { url, apiKey: '' };
  const other = { 'x-api-key': apiKey };
  for (const [path, headers] of [
    ['/v1/runs', other],
    ['/trpc/runs.list?input=%7B%7D', other],
    ['/v1/runs', { ...bearer, ...other }],
    [`/v1/runs?token=${apiKey}`, {}],
    ['/mcp', { ...bearer, 'x-user-id': 'ada' }],
    ['/v1/runs/approval?token=x', { ...bearer, accept: 'application/json' }],
  ] as const) {
    const { status, text } = await request(nobody, path, { headers: { ...headers } });
    expect([path, status]).toEqual([path, 401]);
    expect(text, path).toContain(sentence);
  }
  const console = await request(nobody, '/console/trpc/runs.list?input=%7B%7D', { headers: bearer });
  expect(console.status).toBeGreaterThanOrEqual(401);
  expect(console.text).not.toContain('"runs"');
  expect((await request({ url, apiKey }, '/v1/runs')).status).toBe(200);
  expect((await request({ url, apiKey }, '/v1/integrations/inspect/upload', { body: '{}' })).status).toBe(401);
});

describe.each(transports)('over %s', (_, apiOver) => {
  const as = async (more: Parameters<typeof userCaller>[1]) => apiOver(await userCaller(office.stack, more));

  test('a token of some runs sees no other run of its user', async () => {
    const { run } = await carryOut(product, aRun({ userId: 'ada', plan: look() }));
    const other = (await carryOut(product, aRun({ userId: 'ada', plan: look() }))).run;
    const api = await as({ userId: 'ada', runIds: [run.runId.toUpperCase()] });
    expect((await api.runs.list({})).runs.map(({ runId }) => runId)).toEqual([run.runId]);
    expect((await api.runs.list({ runIds: [other.runId] })).runs).toEqual([]);
    expect((await api.runs.get({ runId: run.runId })).runId).toBe(run.runId);
    await expect(api.runs.get({ runId: other.runId })).rejects.toEqual(refused(404, 'not_found'));
    await expect(api.executionPlans.get({ executionPlanId: other.executionPlanId })).rejects.toEqual(
      refused(404, 'not_found'),
    );
  });

  test('a token of some integrations sees no run that selected another', async () => {
    const select = (...ids: string[]) => ({ userId: `ivo ${_}`, selectedCustomerIntegrationIds: ids, plan: look() });
    const own = (await carryOut(product, aRun(select(office.id)))).run;
    const both = (await carryOut(product, aRun(select(office.id, office.otherId)))).run;
    const all = (await carryOut(product, aRun({ userId: `ivo ${_}`, plan: look() }))).run;
    const waiting = await startWaiting(product, payments(office, [5], { userId: `ivo ${_}` }));
    const api = await as({ userId: `ivo ${_}`, can: ['watch', 'decide'], integrations: [office.id] });
    expect((await api.runs.list({})).runs.map(({ runId }) => runId)).toEqual([own.runId]);
    for (const { runId } of [both, all])
      await expect(api.runs.get({ runId })).rejects.toEqual(refused(404, 'not_found'));
    expect((await api.pending.list({})).pending).toEqual([]);
    const { approvalId } = waiting.waitingOn[0]!;
    await expect(api.approvals.decide({ approvalId: approvalId!, decision: 'deny' })).rejects.toEqual(
      refused(404, 'approval_not_found'),
    );
    expect((await api.pending.decide({ decisions: [{ approvalId: approvalId!, decision: 'deny' }] })).results).toEqual([
      { approvalId, error: expect.objectContaining({ code: 'approval_not_found' }) },
    ]);
    await product.runs.cancel({ runId: waiting.runId });
  });

  test('changed arguments need edit, and neither always nor effects nor other orders of requests are allowed', async () => {
    const run = await startWaiting(product, payments(office, [7], { userId: 'eve' }));
    const approvalId = run.waitingOn[0]!.approvalId!;
    const api = await as({ userId: 'eve', can: ['decide'] });
    const args = { body: { amount: 1 } };
    await expect(api.approvals.decide({ approvalId, decision: 'approve', args })).rejects.toEqual(
      refused(403, 'insufficient_ability'),
    );
    await expect(api.approvals.decide({ approvalId, decision: 'approve', always: {} })).rejects.toEqual(
      refused(403, 'beyond_user_token', '/always'.slice(1)),
    );
    await expect(api.pending.decide({ decisions: [{ approvalId, decision: 'approve', always: {} }] })).rejects.toEqual(
      refused(403, 'beyond_user_token', 'decisions/0/always'),
    );
    await expect(api.pending.decide({ effects: [{ effectId: approvalId, decision: 'skip' }] })).rejects.toEqual(
      refused(403, 'beyond_user_token', 'effects'),
    );
    await expect(api.pending.list({ state: 'decided' })).rejects.toEqual(refused(403, 'beyond_user_token', 'state'));
    const editor = await as({ userId: 'eve', can: ['decide', 'edit'] });
    expect(await editor.approvals.decide({ approvalId, decision: 'approve', args })).toMatchObject({
      decision: 'approve',
    });
    expect(await ended(product, run.runId)).toMatchObject({ status: 'SUCCESS' });
  });

  test('a user asks with the settings of the token, and with nothing else', async () => {
    const run = { approvalStrategy: 'ON_WRITE' as const, metadata: { team: 'helpdesk' }, budget: { maxSteps: 3 } };
    const api = await as({ ...ask, integrations: [office.id], run });
    const input = { intent: 'Look at the office', userId: 'ada', selectedCustomerIntegrationIds: [office.id] };
    const created = await api.runs.create({ ...input, user: { name: 'Ada' } });
    expect(created).toMatchObject({ userId: 'ada', approvalStrategy: 'ON_WRITE', metadata: { team: 'helpdesk' } });
    expect(created).not.toHaveProperty('requestedBy');
    for (const more of [
      { approvalStrategy: 'NONE' as const },
      { metadata: {} },
      { budget: { maxSteps: 9 } },
      { outputSchema: {} },
      { plan: look() },
      { repeatKey: 'mine' },
      { passThrough: [] },
      { priority: 1 },
      { startAt: '2027-01-31T09:30:00.000Z' },
    ])
      await expect(api.runs.create({ ...input, ...more })).rejects.toEqual(
        refused(403, 'beyond_user_token', Object.keys(more)[0]),
      );
    await expect(api.runs.create({ ...input, userId: 'ben' })).rejects.toEqual(
      refused(403, 'beyond_user_token', 'userId'),
    );
    for (const selectedCustomerIntegrationIds of [['*'] as ['*'], [office.otherId], [office.id, office.otherId]])
      await expect(api.runs.create({ ...input, selectedCustomerIntegrationIds })).rejects.toEqual(
        refused(403, 'beyond_user_token', 'selectedCustomerIntegrationIds'),
      );
    await ended(product, created.runId);
  });

  test('an Idempotency-Key of a user meets none of a key or of another user', async () => {
    const input = { intent: 'Look', selectedCustomerIntegrationIds: [office.id], idempotencyKey: `once-${_}` };
    const more = { can: ask.can, integrations: [office.id] };
    const ofKey = await product.runs.create({ ...input, userId: 'ada' });
    const ada = await as({ ...more, userId: 'ada' });
    const first = await ada.runs.create({ ...input, userId: 'ada' });
    const again = await ada.runs.create({ ...input, userId: 'ada' });
    const ben = await (await as({ ...more, userId: 'ben' })).runs.create({ ...input, userId: 'ben' });
    expect(again.runId).toBe(first.runId);
    expect(new Set([ofKey.runId, first.runId, ben.runId]).size).toBe(3);
  });

  test('a user gets consent links for itself and the integrations of the token alone', async () => {
    const api = await as({ userId: 'ada', can: ['connect'], integrations: [office.id] });
    const at = { customerIntegrationId: office.otherId };
    await expect(api.integrations.authUrl({ ...at, userId: 'ben' })).rejects.toEqual(refused(403, 'beyond_user_token'));
    await expect(api.integrations.authUrl({ ...at, userId: 'ada' })).rejects.toEqual(
      refused(404, 'not_found', 'There is no such integration.'),
    );
  });

  test('without watch, a user who asks gets the handle of the run, and cancels it', async () => {
    const api = await as({ userId: 'ada', can: ['ask'], integrations: ['*'] });
    const waiting = await startWaiting(product, payments(office, [9], { userId: 'ada' }));
    expect(Object.keys(await api.runs.cancel({ runId: waiting.runId })).sort()).toEqual(
      ['createdAt', 'executionPlanId', 'runId', 'status'].sort(),
    );
  });

  test('a rating is that of the user, and shows nothing that others wrote', async () => {
    const { runId } = (await carryOut(product, aRun({ userId: 'ada', plan: look() }))).run;
    await product.feedback.put({ runId, rating: 'negative', comment: 'by support' });
    const api = await as({ ...ask, integrations: ['*'] });
    const rated = await api.feedback.put({ runId, rating: 'positive', source: { type: 'user', userId: 'ada' } });
    expect(rated).not.toHaveProperty('comment');
    await expect(
      api.feedback.put({ runId, rating: 'positive', source: { type: 'user', userId: 'ben' } }),
    ).rejects.toEqual(refused(403, 'beyond_user_token'));
    await expect(api.feedback.get({ runId })).rejects.toEqual(refused(403, 'insufficient_ability'));
  });
});

test('the audit log names the token and the user of a decision', async () => {
  const run = await startWaiting(product, payments(office, [11], { userId: 'ada' }));
  const minted = await product.userTokens.create({ userId: 'ada', can: ['decide'] });
  const api = overRest({ url: office.stack.url, apiKey: minted.token });
  const approvalId = run.waitingOn[0]!.approvalId!;
  await api.approvals.decide({ approvalId, decision: 'approve' });
  const { entries } = await product.audit.list({ action: 'approval.decided', target: approvalId });
  expect(entries[0]).toMatchObject({
    actor: { type: 'api_key' },
    details: { userTokenId: minted.userTokenId, userId: 'ada' },
  });
});
