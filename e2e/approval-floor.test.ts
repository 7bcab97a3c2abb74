// The minimum approval of runs, whatever they request: of the service, and of each integration.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { sampleOf } from './fixtures/combine.ts';
import { ended, type Office, openOffice, payments, startOffice, startWaiting } from './fixtures/office.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
  return () => office.close();
});

const free = (stack: Office, more: object = {}) => payments(stack, [1], { approvalStrategy: 'NONE', ...more });
const kinds = (run: { waitingOn: { kind: string }[] }) => run.waitingOn.map(({ kind }) => kind);
const paid = ({ stub }: Office, operation = 'pay') => stub.hits.filter((hit) => hit.operation === operation).length;

let admin: Api;
let connector: Api;
let id: string;
beforeAll(async () => {
  admin = overTrpc(office.stack);
  connector = overTrpc(await office.callerWith('runs:read', 'connections:write'));
});
const aService = async (approvalFloor?: 'ON_WRITE' | 'ON_START') => {
  const integration = await connector.integrations.create({
    name: `Floor ${randomUUID().slice(0, 8)}`,
    kind: 'openapi',
    document: office.stub.document,
    auth: { type: 'NONE' },
    ...(approvalFloor && { approvalFloor }),
  });
  expect(integration.approvalFloor).toBe(approvalFloor ?? 'NONE');
  id = integration.customerIntegrationId;
  return id;
};
const call = (...tools: string[]) => {
  const steps = tools.map((tool, i) => ({ id: `s${i}`, tool, ...(i > 0 && { dependsOn: [`s${i - 1}`] }) }));
  return free(office, { plan: { goal: 'Call', steps } });
};

test("adds to the run's strategy: writes of the integration wait, its reads and other integrations do not", async () => {
  await aService('ON_WRITE');
  const { runId } = await admin.runs.create(call(`${id}.look`, `${office.id}.pay`));
  expect((await ended(admin, runId)).status).toBe('SUCCESS');
  const run = await startWaiting(admin, call(`${id}.look`, `${id}.pay`));
  expect([run.approvalStrategy, ...kinds(run)]).toEqual(['NONE', 'call']);
  await admin.approvals.decide({ approvalId: run.waitingOn[0]!.approvalId!, decision: 'approve' });
  expect((await ended(admin, run.runId)).status).toBe('SUCCESS');
});

test('ON_START asks for each plan that calls it, and for no other', async () => {
  await aService('ON_START');
  const { runId } = await admin.runs.create(call(`${office.id}.look`));
  expect((await ended(admin, runId)).status).toBe('SUCCESS');
  const run = await startWaiting(admin, call(`${id}.look`));
  expect(kinds(run)).toEqual(['plan']);
  await admin.approvals.decide({ approvalId: run.waitingOn[0]!.approvalId!, decision: 'approve' });
  expect((await ended(admin, run.runId)).status).toBe('SUCCESS');
});

test('is raised with connections:write, and lowered only by admin', async () => {
  await aService();
  const set = (api: Api, approvalFloor: 'NONE' | 'ON_START' | 'ON_WRITE' | 'ON_TOOL_CALL') =>
    api.integrations.patch({ customerIntegrationId: id, approvalFloor });
  for (const floor of ['ON_WRITE', 'ON_TOOL_CALL'] as const) {
    expect((await set(connector, floor)).approvalFloor).toBe(floor);
  }
  const refused = { status: 403, problem: { code: 'insufficient_scope', detail: expect.stringContaining('admin') } };
  for (const floor of ['NONE', 'ON_START', 'ON_WRITE'] as const) {
    await expect(set(connector, floor)).rejects.toMatchObject(refused);
  }
  const { approvalFloor, active } = await connector.integrations
    .patch({ customerIntegrationId: id, approvalFloor: 'NONE', active: false })
    .catch(() => connector.integrations.get({ customerIntegrationId: id }));
  expect([approvalFloor, active]).toEqual(['ON_TOOL_CALL', true]);
  await connector.integrations.patch({ customerIntegrationId: id, name: 'Renamed' });
  expect((await connector.integrations.get({ customerIntegrationId: id })).approvalFloor).toBe('ON_TOOL_CALL');
  expect((await set(admin, 'NONE')).approvalFloor).toBe('NONE');
  const { entries } = await admin.audit.list({ action: 'integration.changed' });
  expect(entries.find(({ target }) => target === id)).toMatchObject({ details: { approvalFloor: 'NONE' } });
});

test('applies to running runs once it is raised', async () => {
  const first = await aService('ON_WRITE');
  const second = await aService();
  const run = await startWaiting(admin, call(`${first}.pay`, `${second}.pay`));
  await connector.integrations.patch({ customerIntegrationId: second, approvalFloor: 'ON_WRITE' });
  const before = paid(office);
  await admin.approvals.decide({ approvalId: run.waitingOn[0]!.approvalId!, decision: 'approve' });
  const about = async () => (await admin.runs.get({ runId: run.runId })).waitingOn[0]?.customerIntegrationId;
  await expect.poll(about, { timeout: 60_000, interval: 30 }).toBe(second);
  expect(paid(office)).toBe(before + 1);
  await admin.runs.cancel({ runId: run.runId });
});

test("allows calls that match a rule, as a run's strategy does", async () => {
  await aService('ON_WRITE');
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  await admin.approvalRules.create({ tool: `${id}.pay`, expiresAt });
  const { runId } = await admin.runs.create(call(`${id}.pay`));
  expect((await ended(admin, runId)).status).toBe('SUCCESS');
});

test.each(
  sampleOf([
    ['ON_WRITE', 'pay', 'call'],
    ['ON_WRITE', 'look', null],
    ['ON_TOOL_CALL', 'look', 'call'],
    ['ON_START', 'look', 'plan'],
  ] as const),
)('of the service: with ERRAND_APPROVAL_FLOOR=%s a run that calls %s waits for %s', async (floor, tool, kind) => {
  const strict = await startOffice({ env: { ERRAND_APPROVAL_FLOOR: floor } });
  onTestFinished(() => strict.close());
  const api = overRest(strict.stack);
  const input = free(strict, { plan: { goal: 'Call', steps: [{ id: 'a', tool: `${strict.id}.${tool}` }] } });
  if (kind === null) {
    const { runId } = await api.runs.create(input);
    return expect((await ended(api, runId)).status).toBe('SUCCESS');
  }
  const run = await startWaiting(api, input);
  expect([run.approvalStrategy, ...kinds(run), strict.stub.hits.length]).toEqual(['NONE', kind, 0]);
});
