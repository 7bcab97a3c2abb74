// A plan asks a person: over every transport the question is shown, answered once, and its answer is used.
import type { Run, RunEvent } from '@errand/contracts';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ended, type Office, openOffice, payments, startWaiting } from './fixtures/office.ts';
import { type Api, overRest, transports } from './fixtures/transports.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
  return () => office.close();
});
beforeEach(() => {
  office.stub.hits.length = 0;
});

const choices = [
  { value: 25, label: 'The monthly bill' },
  { value: 300, label: 'The yearly bill' },
];
/** Asks for one of the bills, and pays it. */
const whichBill = (more: Parameters<typeof payments>[2] = {}) =>
  payments(office, [], {
    approvalStrategy: 'NONE',
    plan: {
      goal: 'Pay a bill',
      steps: [
        { id: 'bill', tool: 'errand.ask', args: { question: 'Which bill do you mean?', choices } },
        { id: 'paid', tool: `${office.id}.pay`, args: { body: { amount: { $: 'steps.bill.output' } } } },
      ],
      result: { amount: { $: 'steps.bill.output' } },
    },
    ...more,
  });
const paid = () => office.stub.hits.map(({ body }) => JSON.parse(body).amount);
const questionOf = ({ events }: Run) =>
  events.find((event): event is Extract<RunEvent, { type: 'question' }> => event.type === 'question')!;
const refused = (status: number, code: string) =>
  expect.objectContaining({ status, problem: expect.objectContaining({ code }) });

describe.each(transports)('over %s', (_, apiOver) => {
  let api: Api;
  beforeAll(() => {
    api = apiOver(office.stack);
  });

  test('the run pauses, shows the question with its choices and page, and continues with the answer', async () => {
    const run = await startWaiting(api, whichBill());
    const [waits] = run.waitingOn;
    expect(waits).toMatchObject({ kind: 'question', text: 'Which bill do you mean?', choices });
    const requestId = waits!.requestId!;
    expect(waits!.resolveWith).toEqual({ method: 'POST', path: `/v1/questions/${requestId}`, body: { answer: 25 } });
    const { pending } = await api.pending.list({ runId: run.runId });
    expect(pending).toMatchObject([{ kind: 'question', requestId, choices, runId: run.runId }]);
    expect(questionOf(run)).toMatchObject({
      runStatus: 'PAUSED',
      requestId,
      stepId: 'bill',
      question: 'Which bill do you mean?',
      choices,
      url: expect.stringContaining('/v1/runs/question?token='),
    });
    expect(paid()).toEqual([]);
    const answered = await api.questions.answer({ requestId, answer: 300 });
    expect(answered).toMatchObject({ requestId, runId: run.runId, answer: 300 });
    expect(await api.questions.answer({ requestId, answer: 300 })).toEqual(answered);
    await expect(api.questions.answer({ requestId, answer: 25 })).rejects.toEqual(
      refused(409, 'question_already_answered'),
    );
    expect(await ended(api, run.runId)).toMatchObject({ status: 'SUCCESS', result: { amount: 300 } });
    expect(paid()).toEqual([300]);
  });

  test('invalid answers are refused; a cancelled run asks nothing', async () => {
    const run = await startWaiting(api, whichBill());
    const { requestId } = questionOf(run);
    for (const answer of [26, '25', 'The monthly bill', '']) {
      await expect(api.questions.answer({ requestId, answer })).rejects.toEqual(refused(400, 'validation_failed'));
    }
    const stranger = apiOver(await office.stranger());
    await expect(stranger.questions.answer({ requestId, answer: 25 })).rejects.toEqual(
      refused(404, 'question_not_found'),
    );
    await expect(api.approvals.decide({ approvalId: requestId, decision: 'approve' })).rejects.toEqual(
      refused(404, 'approval_not_found'),
    );
    await api.runs.cancel({ runId: run.runId });
    await expect(api.questions.answer({ requestId, answer: 25 })).rejects.toEqual(refused(410, 'question_gone'));
    expect(paid()).toEqual([]);
  });

  test('without an answer the run ends with a message', async () => {
    const run = await startWaiting(api, whichBill());
    await api.questions.answer({ requestId: questionOf(run).requestId, answer: null });
    expect(await ended(api, run.runId)).toMatchObject({
      status: 'NO_SUCCESS',
      error: { code: 'question_unanswered', message: expect.stringContaining('Which bill do you mean?') },
    });
  });

  test('a plan with an unreadable question or unusable choices is refused', async () => {
    const ask = (args: object) =>
      api.runs.create(
        whichBill({ plan: { goal: 'g', steps: [{ id: 'a', tool: 'errand.ask', args: args as never }] } }),
      );
    const many = Array.from({ length: 21 }, (_, n) => `choice ${n}`);
    for (const args of [
      {},
      { question: '' },
      { question: 'Which?', choices: many },
      { question: 'Which?', choices: [{}] },
    ])
      await expect(ask(args), JSON.stringify(args)).rejects.toEqual(refused(400, 'plan_invalid'));
  });
});

test('only keys that may decide can answer, and see the page', async () => {
  const run = await startWaiting(overRest(office.stack), whichBill());
  const { requestId } = questionOf(run);
  const reader = overRest(await office.callerWith('runs:read'));
  const visibleQuestion = questionOf(await reader.runs.get({ runId: run.runId, includeEvents: true }));
  expect([visibleQuestion.question, visibleQuestion.url]).toEqual(['Which bill do you mean?', undefined]);
  await expect(reader.questions.answer({ requestId, answer: 25 })).rejects.toEqual(refused(403, 'insufficient_scope'));
  const decider = overRest(await office.callerWith('approvals:decide'));
  await decider.questions.answer({ requestId, answer: 25 });
  expect(await ended(overRest(office.stack), run.runId)).toMatchObject({ status: 'SUCCESS' });
});

test('the audit log records the question and the principal that answered, without the answer', async () => {
  const api = overRest(office.stack);
  const run = await startWaiting(api, whichBill());
  const { requestId } = questionOf(run);
  await api.questions.answer({ requestId, answer: 300 });
  await ended(api, run.runId);
  const entries = (await api.audit.list({ pageSize: 1000 })).entries.filter(({ target }) => target === requestId);
  expect(entries.map(({ action, actor }) => [action, actor.type])).toEqual([
    ['question.decided', 'api_key'],
    ['question.asked', 'system'],
  ]);
  expect(JSON.stringify(entries)).not.toMatch(/[":]300[",}]|yearly bill/);
});

test('a question outlives its user’s credentials; a call whose integration was deleted meanwhile is not made', async () => {
  const api = overRest(office.stack);
  const erased = await startWaiting(api, whichBill({ userId: 'ann@example.com' }));
  await api.users.erase({ userId: 'ann@example.com' });
  await api.questions.answer({ requestId: questionOf(erased).requestId, answer: 25 });
  expect(await ended(api, erased.runId)).toMatchObject({ status: 'SUCCESS', result: { amount: 25 } });

  const { document } = office.stub;
  const integration = await api.integrations.create({
    name: 'Third',
    kind: 'openapi',
    document,
    auth: { type: 'NONE' },
  });
  const { customerIntegrationId } = integration;
  const [bill, pay] = whichBill().plan!.steps;
  const steps = [bill!, { ...pay!, tool: `${customerIntegrationId}.pay` }];
  const run = await startWaiting(api, whichBill({ plan: { goal: 'Pay a bill', steps } }));
  await api.integrations.delete({ customerIntegrationId });
  await api.questions.answer({ requestId: questionOf(run).requestId, answer: 25 });
  expect(await ended(api, run.runId)).toMatchObject({ status: 'FAILED', error: { code: 'tool_not_allowed' } });
  expect(paid()).toEqual([25]);
});
