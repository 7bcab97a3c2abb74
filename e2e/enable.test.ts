// Which tools of a new integration are enabled, how the answer reports that, and the answer to a run for disabled ones.
import type { ServerResponse } from 'node:http';
import { beforeAll, expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from './fixtures/builders.ts';
import { json, type Stub } from './fixtures/stub.ts';
import { type Api, overTrpc } from './fixtures/transports.ts';
import { openWorkspace, startCallableStub, type Workspace } from './fixtures/workspace.ts';

type Enable = NonNullable<Parameters<Api['integrations']['create']>[0]['enable']>;

let workspace: Workspace;
let stub: Stub;
let newer: Stub;
const answers = (value: object) => (response: ServerResponse) => json(response, value);

let api: Api;
beforeAll(async () => {
  const operations = {
    listThings: { answer: answers({ things: ['a'] }) },
    addThing: { method: 'POST', answer: answers({ ok: true }) },
    getThing: { answer: answers({}) },
  } as const;
  stub = await startCallableStub(operations);
  newer = await startCallableStub({
    ...operations,
    listMore: { answer: answers({}) },
    addMore: { method: 'POST', answer: answers({}) },
  });
  workspace = await openWorkspace({ seed: false });
  api = overTrpc(workspace);
  return () => Promise.all([workspace.close(), stub.close(), newer.close()]);
});

const register = (enable: Enable | undefined, more: object = {}) =>
  api.integrations.create({ name: 'Things', document: stub.document, auth: { type: 'NONE' }, enable, ...more });
const onOf = async (customerIntegrationId: string) =>
  (await api.integrations.tools({ customerIntegrationId })).tools.flatMap(({ name, enabled }) =>
    enabled ? [name.slice(name.indexOf('.') + 1)] : [],
  );

test('a new integration has its reads enabled, and reports their number and how to enable the others', async () => {
  const integration = await register(undefined);
  const id = integration.customerIntegrationId;
  expect(await onOf(id)).toEqual(['listThings', 'getThing']);
  expect(integration).toMatchObject({ toolCount: 3, enabledToolCount: 2 });
  expect(integration.toolsText).toBe(
    `2 of 3 tools are on. PUT /v1/integrations/${id}/tools turns on others: {"enabled": "all"}, or the names that GET there lists.`,
  );
  expect(await api.integrations.get({ customerIntegrationId: id })).toEqual(integration);

  // The reported tools are those that work.
  await api.integrations.setTools({ customerIntegrationId: id, enabled: 'all' });
  expect(await api.integrations.get({ customerIntegrationId: id })).toMatchObject({
    enabledToolCount: 3,
    toolsText: 'All of 3 tools are on.',
  });
  await api.integrations.setTools({ customerIntegrationId: id, enabled: 'reads' });
  expect(await onOf(id)).toEqual(['listThings', 'getThing']);
  await api.integrations.setTools({ customerIntegrationId: id, enabled: 'none' });
  expect(await onOf(id)).toEqual([]);
});

test.each<[Enable, string[]]>([
  ['all', ['listThings', 'addThing', 'getThing']],
  ['reads', ['listThings', 'getThing']],
  ['none', []],
  [[], []],
  [['addThing', 'addThing'], ['addThing']],
  [['getThing'], ['getThing']],
])('enable %j enables %j', async (enable, on) => {
  const integration = await register(enable);
  expect(await onOf(integration.customerIntegrationId)).toEqual(on);
  expect(integration).toMatchObject({ toolCount: 3, enabledToolCount: on.length });
  expect((await api.audit.list({})).entries[0]).toMatchObject({
    action: 'integration.created',
    details: { tools: 3, enabled: on.length },
  });
});

test('an unknown operation is refused by name, and nothing is registered', async () => {
  const customerIntegrationId = 'refused';
  const refused = register(['listThings', 'dropThings'], { customerIntegrationId });
  await expect(refused).rejects.toMatchObject({
    status: 400,
    problem: {
      code: 'validation_failed',
      detail: expect.stringMatching(/"dropThings".* listThings, addThing, getThing/),
      errors: [{ pointer: '/enable/1', message: expect.stringContaining('"dropThings"') }],
    },
  });
  await expect(api.integrations.get({ customerIntegrationId })).rejects.toMatchObject({ status: 404 });
});

test.each<[string, unknown, string]>([
  ['another word', 'everything', '/enable'],
  ['null', null, '/enable'],
  ['too many names', Array.from({ length: 2001 }, (_, i) => `op${i}`), '/enable'],
  ['an empty name', ['listThings', ''], '/enable/1'],
  ['a long name', ['x'.repeat(100_000)], '/enable/0'],
  ['no text', [1], '/enable/0'],
  ['the name of a member that every object has', ['toString'], '/enable/0'],
  ['another one', ['__proto__'], '/enable/0'],
  ['a third one', ['constructor'], '/enable/0'],
  ['the name of a tool', ['things.listThings'], '/enable/0'],
  ['2,000 names that are not there', Array.from({ length: 2000 }, (_, i) => `op${i}`), '/enable/0'],
])('enable of %s is refused with its pointer, briefly', async (_, enable, pointer) => {
  const error = await register(enable as Enable).catch((thrown) => thrown);
  expect(error).toMatchObject({ status: 400, problem: { code: 'validation_failed' } });
  expect(error.problem.errors[0]).toMatchObject({ pointer });
  expect(JSON.stringify(error.problem).length).toBeLessThan(30_000);
});

test('of two concurrent registrations with one id, one succeeds with its tools', async () => {
  const customerIntegrationId = 'twice';
  const choices: Enable[] = ['all', ['addThing']];
  const ended = await Promise.allSettled(choices.map((enable) => register(enable, { customerIntegrationId })));
  expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const [won] = ended.flatMap((outcome, i) => (outcome.status === 'fulfilled' ? [i] : []));
  expect(await onOf(customerIntegrationId)).toHaveLength(won === 0 ? 3 : 1);
});

test('operations of a newer document stay disabled, even after enable: all', async () => {
  const { customerIntegrationId } = await register('all');
  const document = newer.document.replaceAll(newer.origin, stub.origin);
  const refreshed = await api.integrations.refresh({ customerIntegrationId, document });
  expect(refreshed).toMatchObject({ needsReview: true, toolCount: 5, enabledToolCount: 3 });
  expect(refreshed.toolsText).toMatch(/^3 of 5 tools are on\. PUT /);
  expect(await onOf(customerIntegrationId)).toEqual(['listThings', 'addThing', 'getThing']);
});

test('a plan with a disabled tool is refused with the call that enables it', async () => {
  const { customerIntegrationId: id } = await register(undefined);
  const plan = aPlan(`${id}.addThing`);
  await expect(api.runs.create(aRun({ plan, selectedCustomerIntegrationIds: [id] }))).rejects.toMatchObject({
    status: 400,
    problem: {
      code: 'plan_invalid',
      errors: [
        {
          pointer: '/plan/steps/0/tool',
          message: `${id}.addThing is switched off. PUT /v1/integrations/${id}/tools switches it on.`,
        },
      ],
    },
  });
});

test("a tool that is disabled while its run waits is not called, and the run's error says how to enable it", async () => {
  const { customerIntegrationId: id } = await register('all');
  const plan = aPlan(`${id}.addThing`);
  const { runId } = await api.runs.create(
    aRun({ plan, selectedCustomerIntegrationIds: [id], approvalStrategy: 'ON_START' }),
  );
  await expect.poll(async () => (await api.runs.get({ runId })).waitingOn).toHaveLength(1);
  await api.integrations.setTools({ customerIntegrationId: id, enabled: 'reads' });
  const before = stub.hits.length;
  const [request] = (await api.runs.get({ runId })).waitingOn;
  await api.approvals.decide({ approvalId: request!.approvalId!, decision: 'approve' });
  await expect.poll(async () => (await api.runs.get({ runId })).endedAt).toBeDefined();
  expect((await api.runs.get({ runId })).error).toMatchObject({
    code: 'tool_not_allowed',
    message: expect.stringContaining(`is switched off. PUT /v1/integrations/${id}/tools switches it on.`),
  });
  expect(stub.hits).toHaveLength(before);
});

test('a repeat with a disabled tool plans again and reports that', async () => {
  const { customerIntegrationId: id } = await register('all');
  const input = { intent: 'Add a thing', selectedCustomerIntegrationIds: [id], repeatKey: `things-${id}` };
  expect((await carryOut(api, aRun(input))).run.status).toBe('SUCCESS');
  await api.integrations.setTools({ customerIntegrationId: id, enabled: 'reads' });
  const { run, events } = await carryOut(api, aRun(input));
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'status', reason: 'New plan, because "addThing" is switched off.' }),
  );
  expect(run.error!.message).toMatch(/Switched off: 1 of 3 tools at Things/);
});

test('an operation that was renamed here is listed under its new name', async () => {
  const document = stub.document.replace('"operationId":"listThings"', '"operationId":"things/list all"');
  await expect(register(['things/list all'], { document })).rejects.toMatchObject({
    problem: {
      errors: [{ pointer: '/enable/0', message: expect.stringMatching(/It is called things_list_all here\.$/) }],
    },
  });
});

test('a run without a suitable tool gets the integrations with disabled tools', async () => {
  const { customerIntegrationId: id } = await register(undefined, { name: 'Half of it' });
  const all = await register('none', { name: 'Dark' });
  const input = { intent: 'Add a thing', selectedCustomerIntegrationIds: [id] };
  const { run } = await carryOut(api, aRun(input));
  expect(run).toMatchObject({ status: 'NO_SUCCESS', error: { code: 'no_plan' } });
  expect(run.error!.message).toMatch(
    new RegExp(`Switched off: 1 of 3 tools at Half of it \\(PUT /v1/integrations/${id}/tools switches them on\\)\\.$`),
  );
  const dark = { ...input, selectedCustomerIntegrationIds: [all.customerIntegrationId] };
  expect((await carryOut(api, aRun(dark))).run.error!.message).toMatch(/^No tool.*Switched off: 3 of 3 tools at Dark/);

  await api.integrations.setTools({ customerIntegrationId: id, enabled: 'all' });
  const { run: then } = await carryOut(api, aRun(input));
  expect(then.status).toBe('SUCCESS');
});
