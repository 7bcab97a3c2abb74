// A question with several fields: one object answers it, over the API, by link and on the page.
import type { Run, RunEvent } from '@errand/contracts';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { HTML } from './fixtures/links.ts';
import { ended, type Office, openOffice, payments, startWaiting } from './fixtures/office.ts';
import { request } from './fixtures/request.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';

let office: Office;
let api: Api;
beforeAll(async () => {
  office = await openOffice();
  api = overTrpc(office.stack);
  return () => office.close();
});
beforeEach(() => {
  office.stub.hits.length = 0;
});

const fields = [
  { name: 'amount', title: 'Amount in EUR', type: 'integer' },
  { name: 'to', title: 'Who gets it', choices: [{ value: 'acc_1', label: 'Ann' }, 'Bob'] },
  { name: 'on', type: 'date', required: false },
];
const requestedSchema = {
  type: 'object',
  properties: {
    amount: { title: 'Amount in EUR', type: 'integer' },
    to: {
      title: 'Who gets it',
      type: 'string',
      oneOf: [
        { const: 'acc_1', title: 'Ann' },
        { const: 'Bob', title: 'Bob' },
      ],
    },
    on: { type: 'string', format: 'date' },
  },
  required: ['amount', 'to'],
};
const answer = { amount: 25, to: 'acc_1' };
/** Asks for amount and receiver, and pays. */
const payment = (args: object = { question: 'What shall I pay?', fields }) =>
  payments(office, [], {
    approvalStrategy: 'NONE',
    plan: {
      goal: 'Pay a bill',
      steps: [
        { id: 'bill', tool: 'errand.ask', args: args as Record<string, never> },
        {
          id: 'paid',
          tool: `${office.id}.pay`,
          args: { body: { amount: { $: 'steps.bill.output.amount' }, to: { $: 'steps.bill.output.to' } } },
        },
      ],
      result: { $: 'steps.bill.output' },
    },
  });
const paid = () => office.stub.hits.map(({ body }) => JSON.parse(body));
const questionOf = ({ events }: Run) =>
  events.find((event): event is Extract<RunEvent, { type: 'question' }> => event.type === 'question')!;
const refused = (status: number, code: string) =>
  expect.objectContaining({ status, problem: expect.objectContaining({ code }) });

test('the form is shown with the question everywhere, and one object answers it', async () => {
  const run = await startWaiting(api, payment());
  const { requestId } = questionOf(run);
  expect(questionOf(run)).toMatchObject({ question: 'What shall I pay?', requestedSchema });
  expect(run.waitingOn).toMatchObject([{ kind: 'question', requestedSchema }]);
  expect(run.waitingOn[0]!.resolveWith.body).toEqual({ answer: { amount: 1, to: 'acc_1' } });
  const { pending } = await api.pending.list({ runId: run.runId });
  expect(pending).toMatchObject([{ kind: 'question', requestId, requestedSchema }]);
  const answered = await api.questions.answer({ requestId, answer });
  expect(answered).toMatchObject({ requestId, answer });
  const reordered = { to: 'acc_1', amount: 25 };
  expect(await api.questions.answer({ requestId, answer: reordered })).toEqual(answered);
  const otherAnswer = { ...answer, amount: 26 };
  await expect(api.questions.answer({ requestId, answer: otherAnswer })).rejects.toEqual(
    refused(409, 'question_already_answered'),
  );
  const end = await ended(api, run.runId);
  expect(end).toMatchObject({ status: 'SUCCESS', result: answer });
  expect(end.summary).toContain('"What shall I pay?" was answered');
  expect(paid()).toEqual([answer]);
});

test('an invalid answer is refused, with its field', async () => {
  const { requestId } = questionOf(await startWaiting(api, payment()));
  for (const [bad, pointer] of [
    [{ amount: 2.5, to: 'acc_1' }, '/answer/amount'],
    [{ amount: 1, to: 'Eve' }, '/answer/to'],
    [{ amount: 1 }, '/answer/to'],
    [{ ...answer, more: 1 }, '/answer/more'],
    [{ ...answer, on: 'soon' }, '/answer/on'],
    ['acc_1', '/answer'],
  ] as const) {
    await expect(api.questions.answer({ requestId, answer: bad })).rejects.toMatchObject({
      status: 400,
      problem: { code: 'validation_failed', errors: expect.arrayContaining([expect.objectContaining({ pointer })]) },
    });
  }
  await api.questions.answer({ requestId, answer: null });
});

test('a question takes an object only if it has fields', async () => {
  const { requestId } = questionOf(await startWaiting(api, payment({ question: 'What?' })));
  await expect(api.questions.answer({ requestId, answer })).rejects.toEqual(refused(400, 'validation_failed'));
  await api.questions.answer({ requestId, answer: null });
});

test('a question with choices and fields, or with a field twice, is not asked', async () => {
  const api = overRest(office.stack);
  for (const args of [
    { question: 'What?', fields, choices: ['a'] },
    { question: 'What?', fields: [fields[0], fields[0]] },
  ]) {
    const { runId } = await api.runs.create(payment(args));
    const end = await ended(api, runId);
    expect(end).toMatchObject({ error: { code: 'tool_args_invalid' } });
  }
});

test('the page has a field for each, shows faults at their fields, and keeps the input', async () => {
  const api = overRest(office.stack);
  const anyone = { url: office.stack.url, apiKey: '' };
  const run = await startWaiting(api, payment());
  const token = new URL(questionOf(run).url!).searchParams.get('token')!;
  const { text, headers } = await request(anyone, `/v1/runs/question?token=${token}`, { headers: { accept: HTML } });
  for (const part of ['Amount in EUR', 'Who gets it', '>Ann</option>', 'type="date"', 'on <small>(optional)</small>'])
    expect(text).toContain(part);
  const [, csrf] = /name="csrf" value="([^"]+)"/.exec(text)!;
  const cookie = headers.get('set-cookie')!.split(';', 1)[0]!;
  const submit = (entered: Record<string, string>) =>
    request(anyone, '/v1/runs/question', {
      body: new URLSearchParams({ token, csrf: csrf!, ...entered }).toString(),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: HTML,
        'sec-fetch-site': 'same-origin',
        cookie,
      },
    });
  const wrong = await submit({ 'in/amount': 'many', 'in/to': 'acc_1' });
  expect(wrong.status).toBe(400);
  expect(wrong.text).toContain('Enter a whole number.');
  expect(wrong.text).toContain('<option value="acc_1" selected>');
  const right = await submit({ 'in/amount': '25', 'in/to': 'acc_1', 'in/on': '' });
  expect([right.status, right.text.includes('Amount in EUR: 25')]).toEqual([200, true]);
  expect(await ended(api, run.runId)).toMatchObject({ status: 'SUCCESS', result: answer });
});
