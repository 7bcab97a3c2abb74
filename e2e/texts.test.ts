// The texts of an errand for people: what happened, in the names that people use.
import { beforeAll, expect, test } from 'vitest';
import { aRun, carryOut } from './fixtures/builders.ts';
import { json, type Stub } from './fixtures/stub.ts';
import { overTrpc } from './fixtures/transports.ts';
import { openWorkspace, startCallableStub, type Workspace } from './fixtures/workspace.ts';

const schema = { type: 'object', properties: { id: { type: 'string' } } };
let workspace: Workspace;
let stub: Stub;
beforeAll(async () => {
  stub = await startCallableStub({
    tickets: { answer: (response) => json(response, { items: [{ id: 't1', subject: 'Lift stuck' }], total: 1 }) },
    close: {
      method: 'POST',
      more: { requestBody: { content: { 'application/json': { schema } } } },
      answer: (response) => json(response, { id: 't1', state: 'closed', tags: [] }),
    },
    gone: { method: 'POST', answer: (response) => void response.writeHead(204).end() },
    lost: { answer: (response) => void response.writeHead(503).end() },
  });
  workspace = await openWorkspace({ seed: false });
  return () => Promise.all([workspace.close(), stub.close()]);
});

test('events and errors use the names that people use', async () => {
  const api = overTrpc(workspace);
  const integration = await api.integrations.create({
    name: 'Helpdesk',
    document: stub.document,
    auth: { type: 'NONE' },
  });
  const id = integration.customerIntegrationId;
  const run = (plan: object, intent = 'Close it') =>
    carryOut(api, aRun({ intent, plan: plan as never, selectedCustomerIntegrationIds: [id] }));
  const texts = ({ events }: Awaited<ReturnType<typeof run>>) =>
    events.flatMap((event) => (event.type === 'step' ? [event.step.text] : []));

  const done = await run({
    goal: 'Close it',
    steps: [
      { id: 'a', tool: `${id}.tickets` },
      { id: 'b', tool: `${id}.close`, dependsOn: ['a'] },
      { id: 'c', tool: `${id}.gone`, dependsOn: ['b'] },
    ],
  });
  expect(texts(done)).toEqual([
    'Helpdesk answered with 1 ticket.',
    'Done: Helpdesk confirmed it.',
    'Done: Helpdesk confirmed it.',
  ]);

  const filter = "steps.a.output.items[subject='Broken window'].id";
  const steps = [
    { id: 'a', tool: `${id}.tickets` },
    { id: 'b', tool: `${id}.close`, args: { body: { id: { $: filter } } } },
  ];
  const none = await run({ goal: 'Close it', steps }, 'Close the ticket Broken window');
  expect(none.run).toMatchObject({ status: 'NO_SUCCESS', error: { code: 'nothing_found', retryable: false } });
  expect(none.run.error!.message).toMatch(
    /^".+" at Helpdesk was not done: ".+" at Helpdesk gave no "Broken window"\.$/,
  );
  expect(none.run.error!.errors).toEqual([
    { pointer: '/steps/1/args/body/id', message: `\`${filter}\` gives no value.` },
  ]);

  const failed = await run({
    goal: 'Close it',
    steps: [
      { id: 'a', tool: `${id}.close` },
      { id: 'b', tool: `${id}.lost`, dependsOn: ['a'], when: { $: '$sum(steps.a.output.state) > 1' } },
    ],
  });
  expect(failed.run).toMatchObject({
    status: 'PARTIAL_SUCCESS',
    error: { code: 'expression_failed', retryable: false },
  });
  expect(failed.run.error!.message).toMatch(
    /could not be prepared: its condition could not be computed, because a value has the wrong type\.$/,
  );

  for (const text of [done, none, failed].flatMap(texts)) expect(text).not.toMatch(/`|steps\.|\$|_[0-9a-f]{8}/);
});
