// A preflight reports what a run would do, and neither does nor stores anything.
import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { aPlan, aRun, whole } from './fixtures/builders.ts';
import { type Office, startOffice } from './fixtures/office.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';

let office: Office;
let crm: string;
/** An integration at which each user has to enter a token. */
let locked: string;
let api: Api;
beforeAll(async () => {
  office = await startOffice({ seed: true });
  api = overTrpc(office.stack);
  crm = (await api.integrations.list({})).integrations.find(({ name }) => name === 'CRM')!.customerIntegrationId;
  const service = { name: 'Vault', kind: 'openapi', document: office.stub.document } as const;
  locked = (await api.integrations.create({ ...service, auth: { type: 'API_TOKEN' } })).customerIntegrationId;
  return () => office.close();
});

const sorted = (_: string, value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
const hashOf = (value: unknown) => createHash('sha256').update(JSON.stringify(value, sorted)).digest('hex');
const deals = (more: object = {}) =>
  aRun({
    intent: 'Which deals over 50000 does the account Northwind have, and who owns them?',
    selectedCustomerIntegrationIds: [crm],
    ...more,
  });
/** The number of rows of each table; uses of credentials by earlier runs are recorded some seconds later. */
async function rows(): Promise<Record<string, number>> {
  const client = new pg.Client({ connectionString: office.stack.databaseUrl });
  await client.connect();
  const tables = [
    'run',
    'run_event',
    'execution_plan',
    'ledger',
    'decision_request',
    'integration_user',
    'idempotency',
    `audit WHERE action <> 'credential.used'`,
  ];
  const counted: Record<string, number> = {};
  for (const table of tables)
    counted[table] = (await client.query(`SELECT count(*)::int AS n FROM ${table}`)).rows[0].n;
  await client.end();
  return counted;
}

test('the shown plan is the one that a run makes, and the one that a run executes when it is passed', async () => {
  const report = await api.runs.preflight(deals());
  expect(report).toMatchObject({
    planNeedsApproval: false,
    missingConsents: [],
    problems: [],
    estimate: { writes: 0, atLeast: true },
    usage: { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 },
  });
  expect(report.estimate.calls).toBe(report.plan!.steps.length);
  expect(report.estimate).not.toHaveProperty('tokens');
  expect(report.steps[0]).toEqual({
    stepId: report.plan!.steps[0]!.id,
    tool: `${crm}.listAccounts`,
    effect: 'read',
    needsApproval: false,
    title: expect.stringMatching(/^"List accounts" at CRM$|^List accounts/),
    needs: [],
    argOrigins: expect.objectContaining({}),
  });
  expect(report.words.join('\n')).toMatch(/^Which deals.*\n1\. List accounts matching "?Northwind/);
  const brought = whole(await api.runs.create(deals({ plan: report.plan, prefer: 'wait=20' })));
  const planned = whole(await api.runs.create(deals({ prefer: 'wait=20' })));
  expect(brought).toMatchObject({ status: 'SUCCESS', result: planned.result });
  const stored = await api.executionPlans.get({ executionPlanId: brought.executionPlanId });
  expect(hashOf(stored.plan)).toBe(hashOf(report.plan));
  // The preflight draws the same graph as the run.
  const graphOf = (steps: readonly Pick<(typeof report.steps)[number], 'stepId' | 'needs' | 'argOrigins'>[]) =>
    steps.map(({ stepId, needs, argOrigins }) => ({ stepId, needs, argOrigins }));
  expect(graphOf(report.steps)).toEqual(graphOf(stored.planType === 'json' ? stored.steps : []));
  expect(report.steps.at(-1)!.needs).not.toEqual([]);
  expect(hashOf(planned.plan.plan)).toBe(hashOf(report.plan));
});

test('nothing is called, and nothing is stored', async () => {
  office.stub.hits.length = 0;
  const before = await rows();
  const plan = aPlan(`${locked}.pay`, {
    steps: [{ id: 'only', tool: `${locked}.pay`, args: { body: { amount: 1 } } }],
  });
  const report = await api.runs.preflight(
    aRun({ userId: `user-${randomUUID()}`, plan, metadata: { of: 'preflight' } }),
  );
  expect(report.plan).toMatchObject(plan);
  await api.runs.preflight(deals());
  expect([await rows(), office.stub.hits]).toEqual([before, []]);
});

test('it reports approvals by strategy and floors, and consents with links for keys that may create them', async () => {
  const userId = `user-${randomUUID()}`;
  const steps = [
    { id: 'look', tool: `${locked}.look` },
    { id: 'pay', tool: `${locked}.pay`, args: { body: { amount: 1 } } },
    { id: 'other', tool: `${office.id}.pay`, args: { body: { amount: 2 } } },
  ];
  const input = aRun({ userId, plan: aPlan('x.y', { steps }) });
  const needs = async (more: object) => {
    const { steps, planNeedsApproval } = await api.runs.preflight({ ...input, ...more });
    return [planNeedsApproval, ...steps.map(({ needsApproval }) => needsApproval)];
  };
  expect(await needs({})).toEqual([false, false, false, false]);
  expect(await needs({ approvalStrategy: 'ON_WRITE' })).toEqual([false, false, true, true]);
  expect(await needs({ approvalStrategy: 'ON_TOOL_CALL' })).toEqual([false, true, true, true]);
  expect(await needs({ approvalStrategy: 'ON_START' })).toEqual([true, false, false, false]);
  await api.integrations.patch({ customerIntegrationId: office.id, approvalFloor: 'ON_WRITE' });
  expect(await needs({})).toEqual([false, false, false, true]);
  await api.integrations.patch({ customerIntegrationId: office.id, approvalFloor: 'NONE' });

  const [missing, ...others] = (await api.runs.preflight(input)).missingConsents;
  expect([missing, others]).toEqual([
    {
      customerIntegrationId: locked,
      integrationName: 'Vault',
      userId,
      url: expect.stringContaining('/v1/connect?token='),
    },
    [],
  ]);
  expect((await fetch(missing!.url!)).status).toBe(200);
  const writer = overTrpc(await office.callerWith('runs:write'));
  const report = await writer.runs.preflight(input);
  expect(report.missingConsents).toEqual([{ customerIntegrationId: locked, integrationName: 'Vault', userId }]);
  const passThrough = [{ customerIntegrationId: locked, headers: { Authorization: 'Bearer own' } }];
  expect((await api.runs.preflight({ ...input, passThrough })).missingConsents).toEqual([]);
});

test('obstacles are reported', async () => {
  const nothing = await api.runs.preflight(aRun({ intent: 'Fly to the moon' }));
  expect(nothing).toMatchObject({
    words: [],
    steps: [],
    problems: [{ code: 'no_plan', message: expect.any(String) }],
  });
  expect(nothing).not.toHaveProperty('plan');
  const small = await api.runs.preflight(deals({ budget: { maxSteps: 1 } }));
  expect(small.problems).toEqual([{ code: 'budget_exhausted', message: expect.any(String), pointer: '/budget' }]);
});

test('with a repeatKey the plan is the one that a run would repeat', async () => {
  const repeatKey = randomUUID();
  expect(await api.runs.preflight(deals({ repeatKey }))).not.toHaveProperty('repeatRunId');
  const run = whole(await api.runs.create(deals({ repeatKey, prefer: 'wait=20' })));
  const report = await api.runs.preflight(deals({ repeatKey }));
  expect([report.repeatRunId, hashOf(report.plan)]).toEqual([run.runId, hashOf(run.plan.plan)]);
});

test.each([
  [{ intent: '' }, 400, 'validation_failed'],
  [{ idempotencyKey: 'x' }, 400, 'validation_failed'],
  [{ prefer: 'wait=1' }, 400, 'validation_failed'],
  [{ more: 1 }, 400, 'validation_failed'],
  [{ selectedCustomerIntegrationIds: ['nobodys'] }, 400, 'connection_not_found'],
  [{ plan: { goal: 'g', steps: [{ id: 'a', tool: 'nobodys.look' }] } }, 400, 'plan_invalid'],
  [{ outputSchema: { $ref: 'https://example.com' } }, 400, 'schema_not_supported'],
  [{ passThrough: [{ customerIntegrationId: 'nobodys' }] }, 400, 'validation_failed'],
])('%j is refused', async (more, status, code) => {
  await expect(api.runs.preflight(aRun(more as never))).rejects.toMatchObject({ status, problem: { code } });
});

test('a key with only the read scope may not plan', async () => {
  const reader = overRest(await office.callerWith('runs:read', 'connections:write'));
  const refused = { status: 403, problem: { code: 'insufficient_scope' } };
  await expect(reader.runs.preflight(deals())).rejects.toMatchObject(refused);
});
