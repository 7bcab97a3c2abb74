// An MCP server that asks the user a question during a call: the run waits, and any process continues with the answer.
import type { Scope } from '@errand/contracts';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { agentOf } from '../agents/agent.ts';
import { slowTest } from '../fixtures/combine.ts';
import { ended, startWaiting } from '../fixtures/office.ts';
import { type Api, overRest, transports } from '../fixtures/transports.ts';
import { asks, booked, books, form, inputIn, type Params, refused, useTables } from './tables.ts';

const { stack, api, id, behave, calls, booking } = useTables();

describe.each(transports)('over %s', (_, apiOver) => {
  let at: Api;
  beforeAll(() => {
    at = apiOver(stack());
  });

  test('the run pauses with a form, and the same call continues with the answer and the state', async () => {
    const run = await startWaiting(at, booking());
    const [waits] = run.waitingOn;
    const requestId = waits!.requestId!;
    expect(run.status).toBe('PAUSED');
    expect(waits).toMatchObject({
      kind: 'input',
      customerIntegrationId: id(),
      text: 'Tables asks: For how many people?',
      resolveWith: { method: 'POST', path: `/v1/inputs/${requestId}`, body: { action: 'decline' } },
    });
    const schema = { type: 'object', properties: { seats: { type: 'integer', maximum: 8 } }, required: ['seats'] };
    expect(inputIn(run)).toMatchObject({
      runStatus: 'PAUSED',
      stepId: 'only',
      integrationName: 'Tables',
      requestedSchema: schema,
      url: expect.stringContaining('/v1/runs/input?token='),
    });
    const entry = { kind: 'input', requestId, title: 'Book a table', requestedSchema: schema, onExpiry: 'no_answer' };
    expect((await at.pending.list({ runId: run.runId, kind: ['input'] })).pending).toMatchObject([entry]);
    expect(await at.approvals.get({ approvalId: requestId })).toMatchObject({ ...entry, state: 'pending' });
    const content = { seats: 2, where: 'out' };
    const answered = await at.inputs.answer({ requestId, action: 'accept', content });
    expect(await at.inputs.answer({ requestId, action: 'accept', content })).toEqual(answered);
    await expect(at.inputs.answer({ requestId, action: 'decline' })).rejects.toEqual(
      refused(409, 'input_already_answered'),
    );
    expect(await ended(at, run.runId)).toMatchObject({ status: 'SUCCESS', result: { booked: content } });
    const [first, second, ...more] = calls();
    expect([first!.requestState, second!.requestState, more]).toEqual([undefined, 'state-4711', []]);
    expect(second).toMatchObject({ ...first, inputResponses: { table: { action: 'accept', content } } });
    expect(await at.approvals.get({ approvalId: requestId })).toMatchObject({ state: 'answered' });
    // Only the call itself contains the input.
    const { events } = await at.runs.get({ runId: run.runId, includeEvents: true });
    expect(events.find(({ type }) => type === 'answer')).toMatchObject({ requestId, action: 'accept' });
    expect(JSON.stringify(events.filter(({ type }) => type === 'answer'))).not.toContain('out');
  });

  test('invalid forms and invalid answers are refused', async () => {
    const run = await startWaiting(at, booking());
    const requestId = run.waitingOn[0]!.requestId!;
    const bad = refused(400, 'validation_failed');
    for (const content of [
      {},
      { seats: 0 },
      { seats: '2' },
      { seats: 2, where: 'roof' },
      { seats: 2, more: 1 },
      undefined,
    ])
      await expect(at.inputs.answer({ requestId, action: 'accept', content: content as never })).rejects.toEqual(bad);
    await expect(at.inputs.answer({ requestId, action: 'decline', content: { seats: 2 } })).rejects.toEqual(bad);
    for (const more of [{ action: 'approve' }, { action: 'accept', content: { seats: 2 }, answer: 2 }, {}])
      await expect(at.inputs.answer({ requestId, ...more } as never)).rejects.toEqual(bad);
    const huge = { seats: 2, where: 'x'.repeat(5000) };
    await expect(at.inputs.answer({ requestId, action: 'accept', content: huge })).rejects.toEqual(bad);
    const decisions = [{ approvalId: requestId, decision: 'approve' as const }];
    await expect(at.approvals.decide(decisions[0]!)).rejects.toEqual(
      refused(404, 'approval_not_found', 'POST /v1/inputs'),
    );
    expect((await at.pending.decide({ decisions })).results).toMatchObject([
      { error: { code: 'approval_not_found', detail: expect.stringContaining('/v1/inputs/') } },
    ]);
    await expect(at.questions.answer({ requestId, answer: 'x' })).rejects.toEqual(refused(404, 'question_not_found'));
    await at.runs.cancel({ runId: run.runId });
    await expect(at.inputs.answer({ requestId, action: 'accept', content: { seats: 2 } })).rejects.toEqual(
      refused(410, 'input_gone'),
    );
    expect(calls()).toHaveLength(1);
  });

  test('a decline is sent to the service, and the run ends with a message', async () => {
    for (const action of ['decline', 'cancel'] as const) {
      behave(books);
      const run = await startWaiting(at, booking());
      await at.inputs.answer({ requestId: run.waitingOn[0]!.requestId!, action });
      const { error } = await ended(at, run.runId);
      expect(error).toMatchObject({
        code: 'input_declined',
        message: expect.stringContaining('did not want to answer'),
      });
      expect(calls()[1]).toMatchObject({ requestState: 'state-4711', inputResponses: { table: { action } } });
    }
  });
});

slowTest('the process is killed while the run waits: another continues with the same call', async () => {
  const run = await startWaiting(api(), booking());
  const requestId = run.waitingOn[0]!.requestId!;
  await stack().kill();
  await stack().restart();
  await api().inputs.answer({ requestId, action: 'accept', content: { seats: 4 } });
  expect(await ended(api(), run.runId)).toMatchObject({ status: 'SUCCESS', result: { booked: { seats: 4 } } });
  const [first, second, ...more] = calls();
  expect([first!.requestState, second!.requestState, more]).toEqual([undefined, 'state-4711', []]);
  // The same call, with the same arguments and idempotency key.
  expect(second).toMatchObject(first!);
  expect(stack().log()).not.toContain('state-4711');
});

test('who may answer: a key with approvals:decide, and the holder of its link', async () => {
  const run = await startWaiting(api(), booking());
  const requestId = run.waitingOn[0]!.requestId!;
  const keyWith = async (...scopes: Scope[]) => {
    const { key } = await api().apiKeys.create({ name: 'other', scopes });
    return overRest({ url: stack().url, apiKey: key });
  };
  const reader = await keyWith('runs:read', 'runs:write');
  const answer = { requestId, action: 'accept' as const, content: { seats: 2 } };
  await expect(reader.inputs.answer(answer)).rejects.toEqual(refused(403, 'insufficient_scope'));
  const visibleInput = inputIn(await reader.runs.get({ runId: run.runId, includeEvents: true }));
  expect([visibleInput.text, visibleInput.url]).toEqual(['Tables asks: For how many people?', undefined]);
  expect((await reader.pending.list({ runId: run.runId })).pending).toMatchObject([{ mayDecide: false }]);
  const { url } = inputIn(run);
  const token = new URL(url!).searchParams.get('token')!;
  const post = (body: object) =>
    fetch(new URL('/v1/runs/input', stack().url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  expect((await post({ token: `${token}x`, action: 'decline' })).status).toBe(404);
  expect((await post({ token, action: 'accept', content: { seats: 9 } })).status).toBe(400);
  expect(await (await post({ token, action: 'accept', content: { seats: 2 } })).json()).toMatchObject({
    action: 'accept',
    answeredBy: 'a link',
  });
  expect(await ended(api(), run.runId)).toMatchObject({ status: 'SUCCESS' });
  const entries = (await api().audit.list({ pageSize: 1000 })).entries.filter(({ target }) => target === requestId);
  expect(entries.map(({ action, actor }) => [action, actor.type])).toEqual([
    ['input.decided', 'link'],
    ['input.asked', 'system'],
  ]);
  expect(JSON.stringify(entries)).not.toMatch(/seats|state-4711/);
});

test('the form of the page is valid only in the browser that it was made for', async () => {
  const run = await startWaiting(api(), booking());
  const token = new URL(inputIn(run).url!).searchParams.get('token')!;
  const page = new URL('/v1/runs/input', stack().url);
  const answer = await fetch(`${page}?token=${token}`, { headers: { accept: 'text/html' } });
  const cookie = answer.headers.get('set-cookie')!.split(';', 1)[0]!;
  const [, csrf] = /name="csrf" value="([^"]+)"/.exec(await answer.text())!;
  const submit = (headers: Record<string, string>) =>
    fetch(page, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html', ...headers },
      body: new URLSearchParams({ token, csrf: csrf!, action: 'accept', 'in/seats': '2' }).toString(),
    });
  const foreign: Record<string, string>[] = [{}, { cookie: `${cookie.slice(0, -3)}AAA` }];
  for (const headers of foreign) {
    const again = await submit(headers);
    expect(again.status).toBe(403);
    // The page with the entered values, and a valid form.
    expect(await again.text()).toMatch(/belongs to another browser[\s\S]*name="in\/seats"[^>]*value="2"/);
  }
  const refused: Record<string, string>[] = [
    { accept: 'application/json' },
    { cookie, origin: 'https://elsewhere.example' },
  ];
  for (const headers of refused) {
    const refusal = await submit(headers);
    expect([refusal.status, (await refusal.text()).includes('csrf_failed')]).toEqual([403, !('origin' in headers)]);
  }
  expect(await api().runs.get({ runId: run.runId })).toMatchObject({ status: 'PAUSED' });
  expect((await submit({ cookie })).status).toBe(200);
  expect(await ended(api(), run.runId)).toMatchObject({ status: 'SUCCESS', result: { booked: { seats: 2 } } });
});

test('an agent sees it, passes the form to its person, and answers only for its own user', async () => {
  const run = await startWaiting(api(), booking());
  const requestId = run.waitingOn[0]!.requestId!;
  const { call } = await agentOf([stack()]);
  expect(await call('list_pending')).toMatchObject({
    pending: [{ kind: 'input', requestId, requestedSchema: { required: ['seats'] } }],
  });
  const { waitingOn } = (await call('run_status', { runId: run.runId })) as { waitingOn: object[] };
  expect(waitingOn).toMatchObject([{ kind: 'input', url: expect.stringContaining('/v1/runs/input?token=') }]);
  expect(await call('decide', { requestId })).toMatchObject({
    refused: { code: 'validation_failed', detail: expect.stringContaining('cannot ask the user') },
  });
  const otherAgent = await agentOf([stack()], { userId: 'somebody-else' });
  expect(await otherAgent.call('decide', { requestId, action: 'decline' })).toMatchObject({
    refused: { code: 'not_found' },
  });
  expect(await call('decide', { requestId, action: 'accept', content: { seats: 99 } })).toMatchObject({
    refused: { code: 'validation_failed' },
  });
  const { client } = await agentOf([stack()], { capabilities: { elicitation: { form: {} } } });
  const decide = { name: 'decide', arguments: { requestId } };
  const passed = (await client.callTool(decide, { allowInputRequired: true })) as Record<string, unknown>;
  expect(passed.inputRequests).toMatchObject({
    input: { params: { message: 'Tables asks: For how many people?', requestedSchema: { required: ['seats'] } } },
  });
  const inputResponses = { input: { action: 'accept' as const, content: { seats: 5 } } };
  const request = { ...decide, inputResponses, requestState: passed.requestState as string };
  expect(await client.callTool(request, { allowInputRequired: true })).toMatchObject({
    structuredContent: { runId: run.runId, decision: 'accept' },
  });
  expect(await ended(api(), run.runId)).toMatchObject({ result: { booked: { seats: 5 } } });
});

test('without an answer in time the run ends with a message, and the service gets no more requests', async () => {
  const run = await startWaiting(api(), booking());
  const pool = new pg.Pool({ connectionString: stack().databaseUrl });
  await pool.query(`UPDATE decision_request SET expires_at = now() - interval '1 second' WHERE run_id = $1`, [
    run.runId,
  ]);
  await pool.query('UPDATE run SET not_before = now() WHERE run_id = $1', [run.runId]);
  await pool.end();
  await expect(
    api().inputs.answer({ requestId: run.waitingOn[0]!.requestId!, action: 'accept', content: { seats: 2 } }),
  ).rejects.toEqual(refused(410, 'input_gone'));
  expect((await ended(api(), run.runId)).error).toMatchObject({
    code: 'input_unanswered',
    message: expect.stringContaining('For how many people?'),
  });
  expect(calls()).toHaveLength(1);
});

test('several questions at once, and several rounds, are asked until the service has its answers', async () => {
  behave(({ params }) => {
    const { inputResponses = {}, requestState } = params as Params;
    if (!requestState) return asks({ one: form({ message: 'One?' }), two: form({ message: 'Two?' }) }, 's1');
    if (requestState === 's1')
      return asks({ three: form({ message: `Three, after ${Object.keys(inputResponses)}?` }) }, 's2');
    return booked(inputResponses);
  });
  const run = await startWaiting(api(), booking(), 2);
  expect(run.waitingOn.map(({ text }) => text)).toEqual(['Tables asks: One?', 'Tables asks: Two?']);
  const [firstRequestId, two] = run.waitingOn.map(({ requestId }) => requestId!);
  await api().inputs.answer({ requestId: two!, action: 'accept', content: { seats: 2 } });
  await api().inputs.answer({ requestId: firstRequestId!, action: 'decline' });
  let third: string | undefined;
  await expect
    .poll(async () => {
      const { waitingOn } = await api().runs.get({ runId: run.runId });
      third = waitingOn[0]?.requestId;
      return waitingOn.map(({ text }) => text);
    })
    .toEqual(['Tables asks: Three, after one,two?']);
  await api().inputs.answer({ requestId: third!, action: 'accept', content: { seats: 3 } });
  expect(await ended(api(), run.runId)).toMatchObject({
    status: 'SUCCESS',
    result: { booked: { three: { action: 'accept', content: { seats: 3 } } } },
  });
  expect(calls()).toHaveLength(3);
});
