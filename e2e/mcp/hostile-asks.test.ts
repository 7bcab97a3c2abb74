// An MCP server that sends invalid questions within its calls, repeats them forever, or has forgotten their state.
import type { McpBehaviour } from '@errand/integrations/testing';
import { expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from '../fixtures/builders.ts';
import { ended, startWaiting } from '../fixtures/office.ts';
import { asks, book, booked, books, form, inputIn, type Params, refused, useTables } from './tables.ts';

const { stub, stack, api, behave, calls, booking, oldBooking, asksInOldCalls } = useTables();
/** Books with the answer that it received within the call. */
const bookedWith = (answers: readonly { action?: string; content?: object }[]) =>
  answers.every(({ action }) => action === 'accept')
    ? booked(answers.map(({ content }) => content))
    : { isError: true, content: [{ type: 'text', text: 'Not booked.' }] };

test('a page to open is named by its address, and only the person opens it', async () => {
  const openUrl = 'https://pay.example.com/confirm/4711';
  behave(({ params }) =>
    (params as Params).inputResponses
      ? booked((params as Params).inputResponses)
      : asks({ pay: { method: 'elicitation/create', params: { mode: 'url', message: 'Confirm.', url: openUrl } } }),
  );
  const run = await startWaiting(api(), booking());
  const requestId = run.waitingOn[0]!.requestId!;
  expect(inputIn(run)).toMatchObject({ openUrl });
  expect((await api().pending.list({ runId: run.runId })).pending).toMatchObject([{ kind: 'input', openUrl }]);
  const page = await (await fetch(inputIn(run).url!, { headers: { accept: 'text/html' } })).text();
  expect(page).toContain('<strong><bdi>pay.example.com</bdi></strong>');
  expect(page).toContain(`<a href="${openUrl}" target="_blank" rel="noopener noreferrer">`);
  expect(page).not.toMatch(/<script|http-equiv|<iframe|<img src="https/);
  await api().inputs.answer({ requestId, action: 'accept' });
  expect(await ended(api(), run.runId)).toMatchObject({ result: { booked: { pay: { action: 'accept' } } } });
});

test('expired state: a read starts over, once; a write asks a person what happened', async () => {
  const forgets: McpBehaviour['call'] = (message, response, request) =>
    (message.params as Params).inputResponses
      ? books({ ...message, params: { ...message.params, requestState: 'other' } } as never, response, request)
      : books(message, response, request);
  behave(forgets);
  const read = await startWaiting(api(), booking('look'));
  const answer = (requestId: string) => api().inputs.answer({ requestId, action: 'accept', content: { seats: 2 } });
  const first = read.waitingOn[0]!.requestId!;
  await answer(first);
  let second = first;
  await expect
    .poll(async () => {
      second = (await api().runs.get({ runId: read.runId })).waitingOn[0]?.requestId ?? first;
      return second !== first;
    })
    .toBe(true);
  await answer(second);
  expect(await ended(api(), read.runId)).toMatchObject({ status: 'FAILED', error: { code: 'input_expired' } });
  expect(calls()).toHaveLength(4);

  const write = await startWaiting(api(), booking());
  await answer(write.waitingOn[0]!.requestId!);
  await expect
    .poll(async () => (await api().runs.get({ runId: write.runId })).waitingOn)
    .toMatchObject([{ kind: 'effect' }]);
  // A retry starts over: the service asks again, and continues with the answer to the new question.
  behave(books);
  const { effectId } = (await api().runs.get({ runId: write.runId })).waitingOn[0]!;
  await api().effects.resolve({ effectId: effectId!, decision: 'retry' });
  let again: string | undefined;
  await expect
    .poll(async () => {
      again = (await api().runs.get({ runId: write.runId })).waitingOn[0]?.requestId;
      return again;
    })
    .toBeDefined();
  await answer(again!);
  expect(await ended(api(), write.runId)).toMatchObject({ status: 'SUCCESS', result: { booked: { seats: 2 } } });
  expect(calls().map(({ requestState }) => requestState)).toEqual([undefined, 'state-4711']);
});

test('of two concurrent answers one counts, and the call continues once', async () => {
  const run = await startWaiting(api(), booking());
  const requestId = run.waitingOn[0]!.requestId!;
  const both = await Promise.allSettled(
    [1, 2].map((seats) => api().inputs.answer({ requestId, action: 'accept', content: { seats } })),
  );
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const seats = both[0]!.status === 'fulfilled' ? 1 : 2;
  expect(await ended(api(), run.runId)).toMatchObject({ status: 'SUCCESS', result: { booked: { seats } } });
  expect(calls()).toHaveLength(2);
});

test('a password is not asked for', async () => {
  behave(() => asks({ it: form({ message: 'Your password, please' }) }));
  const { run } = await carryOut(api(), booking());
  expect(run).toMatchObject({
    status: 'FAILED',
    error: { code: 'input_refused', message: expect.stringContaining('password') },
  });
  expect(run.waitingOn).toEqual([]);
});

test('a service that asks a thousand questions, with a huge state, or forever, is stopped', async () => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`q${n}`, form()]));
  behave(() => asks(many));
  expect((await carryOut(api(), booking())).run.error).toMatchObject({ code: 'input_refused' });
  behave(() => asks({ a: form() }, 'x'.repeat(100_000)));
  expect((await carryOut(api(), booking())).run.error).toMatchObject({ code: 'input_refused' });
  behave(() => asks({ a: form() }, 'x'.repeat(10_000_000)));
  expect((await carryOut(api(), booking('look'))).run.error).toMatchObject({ code: 'upstream_too_large' });
  let n = 0;
  behave(() => asks({ a: form({ message: `Again ${++n}?` }) }, `s${n}`));
  const { runId } = await startWaiting(api(), booking());
  let last: string | undefined;
  for (;;) {
    const { status, waitingOn } = await api().runs.get({ runId });
    const requestId = waitingOn[0]?.requestId;
    if (status === 'FAILED') break;
    if (requestId === undefined || requestId === last) continue;
    last = requestId;
    await api().inputs.answer({ requestId, action: 'accept', content: { seats: 1 } });
  }
  expect(n).toBe(9);
  expect((await api().runs.get({ runId })).error).toMatchObject({ code: 'input_refused' });
}, 30_000);

test('a hostile pattern in a form delays no one', async () => {
  const hostile = { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } };
  behave(({ params }) =>
    (params as Params).inputResponses ? booked(true) : asks({ a: form({ requestedSchema: hostile }) }, 's'),
  );
  const run = await startWaiting(api(), booking());
  const requestId = run.waitingOn[0]?.requestId;
  await stack().longestHold();
  const content = { a: `${'a'.repeat(3000)}!` };
  await expect(api().inputs.answer({ requestId: requestId!, action: 'accept', content })).rejects.toEqual(
    refused(400, 'validation_failed'),
  );
  expect(await stack().longestHold()).toBeLessThan(100);
  await api().inputs.answer({ requestId: requestId!, action: 'accept', content: { a: 'aaa' } });
  expect(await ended(api(), run.runId)).toMatchObject({ status: 'SUCCESS' });
});

test('servers of earlier revisions get no capability to ask', async () => {
  const before = stub().hits.length;
  const meta = (n: number) =>
    JSON.stringify(
      stub()
        .hits.slice(n)
        .map(({ params }) => params),
    );
  await startWaiting(api(), booking());
  expect(meta(before)).toContain('"elicitation"');
  stub().behave({ tools: [book], call: () => booked(1) });
  const url = `${stub().url}?old`;
  const old = await api().integrations.create({ name: 'Old', kind: 'mcp', url, enable: 'all' });
  const tool = `${old.customerIntegrationId}.book`;
  const { run } = await carryOut(api(), aRun({ plan: aPlan(tool) }));
  expect(run.status).toBe('SUCCESS');
  expect(meta(0)).not.toContain('elicitation');
});

test.each([
  ['2025-06-18', 'the same'],
  ['2025-11-25', 'another'],
])('a read of %s that asks within its call is repeated with the answer, by %s process', async (revision, process) => {
  const server = asksInOldCalls({ revision, ask: () => [form().params], then: bookedWith });
  const run = await startWaiting(api(), oldBooking('look'));
  const requestId = run.waitingOn[0]!.requestId!;
  expect(run).toMatchObject({ status: 'PAUSED', waitingOn: [{ kind: 'input' }] });
  expect(inputIn(run)).toMatchObject({ text: 'Old tables asks: For how many people?', stepId: 'only' });
  await expect.poll(() => server.received.cancelled).toBe(1);
  if (process === 'another') {
    await stack().kill();
    await stack().restart();
  }
  await api().inputs.answer({ requestId, action: 'accept', content: { seats: 2 } });
  // The default of an omitted field was accepted, and sent.
  const content = { seats: 2, where: 'in' };
  expect(await ended(api(), run.runId)).toMatchObject({ status: 'SUCCESS', result: { booked: [content] } });
  expect([server.calls(), server.received.answers]).toEqual([2, [{ action: 'accept', content }]]);
});

test('a write is sent once, in a session without the capability to ask the user', async () => {
  const server = asksInOldCalls({
    ask: () => ((server.received.capabilities.at(-1) as { elicitation?: object }).elicitation ? [form().params] : []),
    then: bookedWith,
  });
  const { run } = await carryOut(api(), oldBooking('book'));
  expect(run).toMatchObject({ status: 'SUCCESS', result: { booked: [] } });
  expect([server.calls(), server.received.capabilities]).toEqual([1, [{}]]);
});

test('a decline within a call is sent to the service, and changing questions are asked eight times', async () => {
  const declining = asksInOldCalls({ ask: () => [form().params], then: bookedWith });
  const declined = await startWaiting(api(), oldBooking('look'));
  await api().inputs.answer({ requestId: declined.waitingOn[0]!.requestId!, action: 'decline' });
  expect((await ended(api(), declined.runId)).error).toMatchObject({ code: 'input_declined' });
  expect(declining.received.answers).toEqual([{ action: 'decline' }]);

  const changing = asksInOldCalls({ ask: (n) => [form({ message: `Table ${n}?` }).params], then: bookedWith });
  const { runId } = await startWaiting(api(), oldBooking('look'));
  for (let n = 1; n <= 8; n++) {
    const waits = async () => (await api().runs.get({ runId })).waitingOn[0];
    await expect.poll(async () => (await waits())?.text).toBe(`Old tables asks: Table ${n}?`);
    await api().inputs.answer({ requestId: (await waits())!.requestId!, action: 'accept', content: { seats: 2 } });
  }
  expect((await ended(api(), runId)).error).toMatchObject({
    code: 'input_refused',
    message: expect.stringContaining('asked 8 times'),
  });
  expect([changing.calls(), changing.received.answers]).toEqual([9, []]);
});
