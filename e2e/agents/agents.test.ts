// Agents at /mcp run the same errands as over REST, for the user that the request names, whichever process answers.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import { errands } from '@errand/demo';
import { beforeAll, describe, expect, test } from 'vitest';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { salesOf } from '../fixtures/crm.ts';
import { type Office, startOffice, startWaiting } from '../fixtures/office.ts';
import { request } from '../fixtures/request.ts';
import { startServer } from '../fixtures/server.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { type Caller, overRest } from '../fixtures/transports.ts';
import { agentOf, eras } from './agent.ts';

let stack: Stack;
let office: Office;
/** Two processes over one database. */
let both: Caller[];
beforeAll(async () => {
  [stack, office] = await Promise.all([startStack(), startOffice()]);
  const env = {
    ERRAND_MASTER_KEYS: (await readFile(join(stack.dataDir, 'master-keys'), 'utf8')).trim(),
    ERRAND_EGRESS_ALLOW: stack.crm.url,
  };
  const second = await startServer({ databaseUrl: stack.databaseUrl, env });
  both = [stack, { url: second.url, apiKey: stack.apiKey }];
  return async () => {
    await second.stop();
    await stack.close();
    await office.close();
  };
});

const end = /^(SUCCESS|PARTIAL_SUCCESS|NO_SUCCESS|FAILED|CANCELED)$/;

describe.each(eras)('a client of the %s era, over two processes', (era) => {
  test('lists described tools, and carries out an errand once per idempotency key', async () => {
    const { client, call } = await agentOf(both, { era, userId: errands.salesSummary.userId });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual(
      ['decide', 'execute_intent', 'list_integrations', 'list_pending', 'run_status', 'search_tools'].sort(),
    );
    for (const { inputSchema, outputSchema, annotations, title, description } of tools) {
      expect([inputSchema.type, outputSchema?.type]).toEqual(['object', 'object']);
      expect(JSON.stringify([inputSchema, outputSchema])).not.toContain('$ref');
      expect([title, description, annotations?.readOnlyHint]).not.toContain(undefined);
    }
    expect(await call('list_integrations')).toMatchObject({ integrations: [{ name: 'CRM' }] });
    const { intent, context, outputSchema } = errands.salesSummary;
    const args = { intent, context, outputSchema, idempotencyKey: randomUUID() };
    const first = await call('execute_intent', args);
    expect(await call('execute_intent', args)).toMatchObject({ runId: first.runId });
    let run = await call('run_status', { runId: first.runId, waitSeconds: 25 });
    while (!end.test(String(run.status))) run = await call('run_status', { runId: first.runId, waitSeconds: 25 });
    expect(run).toMatchObject({ status: 'SUCCESS', result: await salesOf(stack.crm), waitingOn: [] });
    expect(run.events).toBeUndefined();
    const { events } = await call('run_status', { runId: first.runId, includeEvents: true });
    expect((events as { type: string }[]).at(-1)).toMatchObject({ type: 'end' });
  });

  test('invalid arguments get a code and a remedy', async () => {
    const { client, call } = await agentOf(both, { era });
    const runId = randomUUID();
    expect(await call('execute_intent', { intent: '' })).toMatchObject({ refused: { code: 'validation_failed' } });
    expect(await call('execute_intent', { intent: 'x', budget: {} })).toMatchObject({
      refused: { code: 'validation_failed' },
    });
    for (const former of [{ limit: 5 }, { after: 'crm_1a2b3c4d' }])
      expect(await call('list_integrations', former)).toMatchObject({
        refused: {
          code: 'validation_failed',
          detail: expect.stringContaining('pageSize and cursor'),
          remedy: expect.stringMatching(/`pageSize`.*`cursor`/),
        },
      });
    expect(await call('list_integrations', { cursor: 'x' })).toMatchObject({ refused: { code: 'invalid_cursor' } });
    expect(await call('run_status', { runId })).toMatchObject({ refused: { code: 'not_found' } });
    expect(await call('run_status', { runId, waitSeconds: 26 })).toMatchObject({
      refused: { code: 'validation_failed' },
    });
    expect(await call('decide', { approvalId: runId, requestId: runId, decision: 'approve' })).toMatchObject({
      refused: { code: 'validation_failed', detail: expect.stringContaining('one of') },
    });
    await expect(client.callTool({ name: 'drop_tables', arguments: {} })).rejects.toMatchObject({ code: -32602 });
  });
});

describe('a run that waits for a person', () => {
  const paying = (userId: string) =>
    aRun({
      userId,
      approvalStrategy: 'ON_TOOL_CALL',
      plan: { goal: 'Pay', steps: [{ id: 'only', tool: `${office.id}.pay`, args: { body: { amount: 5 } } }] },
    });

  test('is reported at once, with the page for the user, and continues when the agent decides', async () => {
    const { call } = await agentOf([office.stack], { userId: 'ana' });
    const { runId } = await startWaiting(overRest(office.stack), paying('ana'));
    const run = await call('run_status', { runId, waitSeconds: 25 });
    const [item] = run.waitingOn as { approvalId: string; url: string; text: string }[];
    expect(run.status).toBe('PAUSED');
    expect(item!.url).toContain('/v1/runs/approval?token=');
    expect((await call('list_pending')).pending).toMatchObject([{ approvalId: item!.approvalId, runId }]);
    const decided = await call('decide', { approvalId: item!.approvalId, decision: 'approve', reason: 'She said so' });
    expect(decided).toEqual({ runId, decision: 'approve' });
    expect(await call('run_status', { runId, waitSeconds: 25 })).toMatchObject({ status: 'SUCCESS' });
    expect(office.stub.hits.filter(({ body }) => body.includes('5'))).toHaveLength(1);
  });

  test('is invisible to another user, who cannot decide it', async () => {
    const { runId, waitingOn } = await startWaiting(overRest(office.stack), paying('ben'));
    const otherAgent = await agentOf([office.stack], { userId: 'carla' });
    const { approvalId } = waitingOn[0]!;
    const refused = { refused: { code: 'not_found' } };
    expect(await otherAgent.call('run_status', { runId })).toMatchObject(refused);
    expect(await otherAgent.call('list_pending')).toMatchObject({ pending: [] });
    expect(await otherAgent.call('decide', { approvalId, decision: 'approve' })).toMatchObject(refused);
    const stranger = await agentOf([await office.stranger()], { userId: 'ben' });
    expect(await stranger.call('run_status', { runId })).toMatchObject(refused);
    expect(await stranger.call('decide', { approvalId, decision: 'approve' })).toMatchObject(refused);
    expect((await overRest(office.stack).runs.get({ runId })).status).toBe('PAUSED');
  });

  test('is passed to a client that can ask its user; the answer counts for this user only', async () => {
    const elicitation = { form: {}, url: {} };
    const { runId, waitingOn } = await startWaiting(overRest(office.stack), paying('dora'));
    const args = { approvalId: waitingOn[0]!.approvalId };
    const dora = await agentOf([office.stack], { userId: 'dora', capabilities: { elicitation } });
    const asks = await dora.decide(args);
    const decision = { enum: ['approve', 'deny'] };
    expect(asks).toMatchObject({
      resultType: 'input_required',
      inputRequests: { decision: { params: { requestedSchema: { properties: { decision } } } } },
    });
    const answered = { said: 'deny', requestState: String(asks.requestState) };
    const eve = await agentOf([office.stack], { userId: 'eve', capabilities: { elicitation } });
    const refused = { code: -32602 };
    await expect(eve.decide(args, answered)).rejects.toMatchObject(refused);
    const forged = { ...answered, requestState: `${answered.requestState.slice(0, -2)}xx` };
    await expect(dora.decide(args, forged)).rejects.toMatchObject(refused);
    expect(await dora.decide(args, answered)).toMatchObject({ structuredContent: { runId, decision: 'deny' } });
    expect((await dora.call('run_status', { runId, waitSeconds: 25 })).status).toBe('CANCELED');
  });

  test('tells other clients to ask in words', async () => {
    const { waitingOn } = await startWaiting(overRest(office.stack), paying('finn'));
    for (const era of eras) {
      const { call } = await agentOf([office.stack], { era, userId: 'finn' });
      expect(await call('decide', { approvalId: waitingOn[0]!.approvalId })).toMatchObject({
        refused: { code: 'validation_failed', detail: expect.stringContaining('cannot ask the user') },
      });
    }
  });

  test('accepts only a choice as the answer to its question', async () => {
    const { call } = await agentOf([office.stack], { userId: 'gil' });
    const plan = {
      goal: 'Pay a bill',
      steps: [
        {
          id: 'bill',
          tool: 'errand.ask',
          args: { question: 'Which bill?', choices: [{ value: 25, label: 'Monthly' }] },
        },
        { id: 'paid', tool: `${office.id}.pay`, args: { body: { amount: { $: 'steps.bill.output' } } } },
      ],
    };
    const { runId, waitingOn } = await startWaiting(overRest(office.stack), aRun({ userId: 'gil', plan }));
    const { requestId } = waitingOn[0]!;
    expect(await call('decide', { requestId, answer: 26 })).toMatchObject({ refused: { code: 'validation_failed' } });
    expect(await call('decide', { requestId, answer: 25 })).toEqual({ runId, decision: 25 });
    expect((await call('run_status', { runId, waitSeconds: 25 })).status).toBe('SUCCESS');
  });
});

describe('a question with several fields', () => {
  const fields = [
    { name: 'amount', title: 'Amount', type: 'integer' },
    { name: 'to', choices: ['Ann', 'Bob'] },
  ];
  const paysAsAnswered = async (userId: string) => {
    const plan = {
      goal: 'Pay a bill',
      steps: [
        { id: 'bill', tool: 'errand.ask', args: { question: 'What shall I pay?', fields } },
        { id: 'paid', tool: `${office.id}.pay`, args: { body: { $: 'steps.bill.output' } } },
      ],
    };
    const { runId, waitingOn } = await startWaiting(overRest(office.stack), aRun({ userId, plan }));
    return { runId, requestId: waitingOn[0]!.requestId! };
  };

  test('is listed with its form, and takes an object', async () => {
    const { call } = await agentOf([office.stack], { userId: 'hal' });
    const { runId, requestId } = await paysAsAnswered('hal');
    expect(await call('list_pending')).toMatchObject({
      pending: [{ requestId, requestedSchema: { required: ['amount', 'to'] } }],
    });
    const refused = { refused: { code: 'validation_failed' } };
    expect(await call('decide', { requestId, answer: { amount: 1 } })).toMatchObject(refused);
    const answer = { amount: 25, to: 'Ann' };
    expect(await call('decide', { requestId, answer })).toEqual({ runId, decision: answer });
    expect((await call('run_status', { runId, waitSeconds: 25 })).status).toBe('SUCCESS');
  });

  test('is passed on as a form to a client that can ask its user', async () => {
    const { decide } = await agentOf([office.stack], { userId: 'ida', capabilities: { elicitation: { form: {} } } });
    const { runId, requestId } = await paysAsAnswered('ida');
    const asks = await decide({ requestId });
    expect(asks).toMatchObject({
      resultType: 'input_required',
      inputRequests: {
        input: {
          params: { message: 'What shall I pay?', requestedSchema: { properties: { amount: { type: 'integer' } } } },
        },
      },
    });
    const values = { amount: 25, to: 'Bob' };
    const answered = { said: values, requestState: String(asks.requestState) };
    expect(await decide({ requestId }, answered)).toMatchObject({ structuredContent: { runId, decision: values } });
  });
});

describe('scopes', () => {
  test('a key lists and calls only the tools that its scopes allow', async () => {
    const { client } = await agentOf([await office.callerWith('runs:read')]);
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names.sort()).toEqual(['list_integrations', 'list_pending', 'run_status', 'search_tools']);
    await expect(client.callTool({ name: 'execute_intent', arguments: { intent: 'x' } })).rejects.toMatchObject({
      code: -32602,
    });
  });

  test('without approvals:decide a waiting run has no link', async () => {
    const { runId } = await startWaiting(
      overRest(office.stack),
      aRun({ userId: 'hal', approvalStrategy: 'ON_TOOL_CALL', plan: aPlan(`${office.id}.look`) }),
    );
    const { call } = await agentOf([await office.callerWith('runs:read', 'runs:write')], { userId: 'hal' });
    const { waitingOn } = await call('run_status', { runId });
    expect(waitingOn).toMatchObject([{ kind: 'call', text: expect.any(String) }]);
    expect(JSON.stringify(waitingOn)).not.toContain('token');
  });

  const initialize = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  const post = (headers: Record<string, string>, body: unknown = initialize) =>
    request(office.stack, '/mcp', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'x-user-id': 'user-123',
        ...headers,
      },
      body,
    });

  test.each([
    ['a wrong key', { 'x-api-key': 'er_live_wrong' }, 401],
    ['no user', { 'x-user-id': '' }, 400],
    ['a page of another site', { origin: 'https://evil.example' }, 403],
    ['a page whose name was pointed at this machine', { host: 'evil.example', origin: 'http://evil.example' }, 403],
    ['such a name alone', { host: 'evil.example' }, 403],
  ])('%s is refused', async (_, headers, status) => {
    expect(await statusOf(headers)).toBe(status);
  });

  /** With Node's own client, because fetch sets Host itself. */
  const statusOf = (headers: Record<string, string>) =>
    new Promise<number>((done, fail) => {
      const ownTool = {
        'x-api-key': office.stack.apiKey,
        'x-user-id': 'user-123',
        accept: 'application/json, text/event-stream',
      };
      const options = { method: 'POST', headers: { 'content-type': 'application/json', ...ownTool, ...headers } };
      const sent = http.request(`${office.stack.url}/mcp`, options, (answer) => {
        answer.resume();
        done(answer.statusCode!);
      });
      sent.on('error', fail).end(JSON.stringify(initialize));
    });

  test('malformed requests are refused, and the service keeps running', async () => {
    const deep = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"execute_intent","arguments":{"intent":"x","outputSchema":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}}}`;
    for (const body of ['{', '[]', '"x"', 'null', deep]) {
      const { status, text } = await post({}, body);
      expect([200, 400]).toContain(status);
      expect(text).not.toContain('"result":{"runId"');
    }
    expect((await post({}, `{"a":"${'x'.repeat(300_000)}"}`)).status).toBe(413);
    expect((await post({})).status).toBe(200);
  });
});
