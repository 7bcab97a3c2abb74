// The values of errors, with which a product words them itself.
import { beforeAll, expect, test } from 'vitest';
import { aRun, carryOut } from './fixtures/builders.ts';
import { startWaiting } from './fixtures/office.ts';
import { request } from './fixtures/request.ts';
import { json, type Stub } from './fixtures/stub.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';
import { openWorkspace, startCallableStub, type Workspace } from './fixtures/workspace.ts';

let workspace: Workspace;
let stub: Stub;
let api: Api;
let crm: string;
let broken: string;
beforeAll(async () => {
  stub = await startCallableStub({
    fail: { answer: (response) => void response.writeHead(418, { 'content-type': 'text/plain' }).end('no') },
    read: { answer: (response) => json(response, { name: 'Ada' }) },
  });
  workspace = await openWorkspace();
  api = overRest(workspace);
  crm = (await api.integrations.list({})).integrations[0]!.customerIntegrationId;
  const register = { name: 'Broken', kind: 'openapi', document: stub.document, auth: { type: 'NONE' } } as const;
  broken = (await api.integrations.create(register)).customerIntegrationId;
  return async () => {
    await workspace.close();
    await stub.close();
  };
});

const planOf = (...tools: string[]) => ({
  goal: 'Test',
  steps: tools.map((tool, i) => ({ id: `step${i}`, tool, args: {} })),
});
const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error) => error.problem,
  );

test('the error of a run has the limit of its budget, and its maximum', async () => {
  const plan = planOf(`${crm}.listAccounts`, `${crm}.listUsers`);
  const { run } = await carryOut(api, aRun({ plan, budget: { maxToolCalls: 1 } }));
  expect(run.error).toMatchObject({ code: 'budget_exhausted', values: { limit: 'maxToolCalls', max: 1 } });
});

test('the error of a call has its step, its tool and the status of the service', async () => {
  const { run } = await carryOut(api, aRun({ plan: planOf(`${broken}.fail`) }));
  const values = { stepId: 'step0', tool: `${broken}.fail`, customerIntegrationId: broken, status: 418 };
  expect(run.error).toMatchObject({ code: 'upstream_error', values });
});

test('a second decision has the first one and its principal, over both transports and in several decisions', async () => {
  const plan = planOf(`${crm}.listAccounts`);
  await startWaiting(api, aRun({ plan, approvalStrategy: 'ON_TOOL_CALL' }));
  const { pending } = await api.pending.list({});
  const approvalId = pending.flatMap((entry) => ('approvalId' in entry ? [entry.approvalId] : []))[0]!;
  const { decidedBy } = await api.approvals.decide({ approvalId, decision: 'approve' });
  const values = { decision: 'approve', decidedBy };
  const expected = { code: 'approval_already_decided', values };
  expect(decidedBy).toBeDefined();
  for (const transport of [api, overTrpc(workspace)])
    expect(await errorOf(transport.approvals.decide({ approvalId, decision: 'deny' }))).toMatchObject(expected);
  const { results } = await api.pending.decide({ decisions: [{ approvalId, decision: 'deny' }] });
  expect(results[0]?.error).toMatchObject(expected);
});

test('a run that has ended says how', async () => {
  const { run } = await carryOut(api, aRun({ plan: planOf(`${crm}.listAccounts`) }));
  expect(await errorOf(api.runs.cancel({ runId: run.runId }))).toMatchObject({
    code: 'run_already_finished',
    values: { status: 'SUCCESS' },
  });
});

test('unknown integrations, missing scopes and too large logos are named', async () => {
  const unknown = aRun({ plan: undefined, selectedCustomerIntegrationIds: ['none_12345678'] });
  expect(await errorOf(api.runs.create(unknown))).toMatchObject({
    code: 'connection_not_found',
    values: { customerIntegrationIds: ['none_12345678'] },
  });
  const { key } = await api.apiKeys.create({ name: 'reader', scopes: ['runs:read'] });
  const refused = await errorOf(overRest({ ...workspace, apiKey: key }).workspace.brand({}));
  expect(refused).toMatchObject({ code: 'insufficient_scope', values: { scope: 'admin' } });
  const logo = Buffer.alloc(65 * 1024).toString('base64');
  const { problem } = await request(workspace, '/v1/workspace/brand', { method: 'PUT', body: { logo } });
  expect(problem).toMatchObject({ code: 'validation_failed', values: { bytes: 66_560, maxBytes: 65_536 } });
});
