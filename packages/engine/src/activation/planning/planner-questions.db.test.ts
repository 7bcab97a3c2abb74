// Planners that ask people before they plan, or before they plan again.

import type { AnswerQuestionInput, Plan, PlanDraft, PlanRequest, Question, Run, ToolSource } from '@errand/contracts';
import type { Planner } from '@errand/ports/planner';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { Engine } from '../../engine.ts';
import { by } from '../../testing/approvals.ts';
import { aPlan, aRun, finish, follow, startEngines, untilWaiting } from '../../testing/engine.ts';
import { startService } from '../../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;
/** What the planner was asked, and what it answers. */
let requests: PlanRequest<ToolSource>[];
let drafts: ((request: PlanRequest<ToolSource>) => Plan | Question)[];

const usage = { inputTokens: 10, outputTokens: 1 };
const planner: Planner<ToolSource> = {
  replans: true,
  async plan(request): Promise<PlanDraft> {
    requests.push(request);
    const draft = drafts.shift()?.(request);
    if (draft && 'question' in draft) return { kind: 'question', question: draft, usage };
    if (draft) return { kind: 'plan', plan: draft, usage, madeBy: 'test' };
    return { kind: 'none', code: 'no_plan', reason: 'Nothing is left to do.', retryable: false, usage };
  },
};

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  engine = await engines.engine(service.toolbox, { planner, workers: { watchMs: 50 } });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
beforeEach(() => {
  service.seen.length = 0;
  requests = [];
});

const which: Question = {
  question: 'Which Alex do you mean?',
  choices: [{ value: 'c1', label: 'Alex Kim' }, 'Nobody'],
};
const writeTo = (to: string) => ({ ...aPlan([['write', 'make', { to }]]), result: { to } }) as unknown as Plan;
const questionOf = ({ waitingOn }: Run) => waitingOn[0]!.requestId!;
type Answering = { workspaceId: string; waitingOn: Run['waitingOn'] } & Run;
const answer = (run: Answering, answerText: AnswerQuestionInput['answer'], via = engine) =>
  via.answerQuestion(run.workspaceId, { requestId: questionOf(run), answer: answerText }, by);

test('a planner asks before it plans, and plans with the answer', async () => {
  drafts = [() => which, ({ answers }) => writeTo(String(answers![0]!.answer))];
  const run = await untilWaiting(engine, aRun());
  expect([run.status, run.waitingOn]).toMatchObject(['PAUSED', [{ kind: 'question', text: which.question }]]);
  expect(run.events.map(({ type }) => type)).toEqual(['start', 'question', 'status']);
  expect(run.events[1]).not.toHaveProperty('stepId');
  await answer(run, 'c1');
  const end = (await follow(engine, run.workspaceId, run.runId)).at(-1);
  expect(end).toMatchObject({ runStatus: 'SUCCESS', result: { to: 'c1' } });
  expect(requests.map(({ answers, mayAsk }) => [answers, mayAsk])).toEqual([
    [[], true],
    [[{ question: which.question, answer: 'c1', label: 'Alex Kim' }], true],
  ]);
  const view = { runId: run.runId, includeEvents: false, includeToolCalls: false };
  expect((await engine.getRun(run.workspaceId, view)).value().usage).toMatchObject({ inputTokens: 20 });
});

test('a planner asks several things at once, and gets an object with what people read', async () => {
  const fields = [
    { name: 'to', title: 'Who', choices: [{ value: 'c1', label: 'Alex Kim' }] },
    { name: 'seats', type: 'integer' as const },
  ];
  drafts = [() => ({ question: 'Who, and how many?', fields }), () => writeTo('c1')];
  const run = await untilWaiting(engine, aRun());
  await answer(run, { to: 'c1', seats: 2 });
  expect((await follow(engine, run.workspaceId, run.runId)).at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
  expect(requests[1]!.answers).toEqual([
    { question: 'Who, and how many?', answer: { to: 'c1', seats: 2 }, label: 'Who: Alex Kim; seats: 2' },
  ]);
});

test('the model is not asked again while the question is open, also by another process', async () => {
  const freshEngines = await startEngines(inject('postgres'));
  const first = await freshEngines.engine(service.toolbox, { planner });
  drafts = [() => which, ({ answers }) => writeTo(String(answers![0]!.answer))];
  const run = await untilWaiting(first, aRun());
  await first.stop();
  // A worker takes the run although nothing is decided.
  await freshEngines.query(`UPDATE run SET status = 'RUNNING', due = 1, not_before = NULL WHERE run_id = $1`, [
    run.runId,
  ]);
  const second = await freshEngines.engine(service.toolbox, { planner });
  const now = await untilWaiting(second, aRun(), run.workspaceId, run.runId);
  expect([now.status, requests.length]).toEqual(['PAUSED', 1]);
  await answer(run, 'Nobody', second);
  expect((await follow(second, run.workspaceId, run.runId)).at(-1)).toMatchObject({ result: { to: 'Nobody' } });
  await freshEngines.close();
});

test('a planner may ask three times; a fourth question ends the run', async () => {
  drafts = Array.from({ length: 4 }, (_, n) => () => ({ question: `Question ${n + 1}?` }));
  let run = await untilWaiting(engine, aRun());
  for (const n of [1, 2, 3]) {
    expect(run.waitingOn.map(({ text }) => text)).toEqual([`Question ${n}?`]);
    await answer(run, `answer ${n}`);
    await expect.poll(() => requests.length, { timeout: 10_000 }).toBe(n + 1);
    if (n < 3) run = await untilOpen(run, n + 1);
  }
  const end = (await follow(engine, run.workspaceId, run.runId)).at(-1);
  expect(end).toMatchObject({
    runStatus: 'FAILED',
    error: { code: 'plan_failed', message: expect.stringContaining('3') },
  });
  expect(requests.map(({ mayAsk }) => mayAsk)).toEqual([true, true, true, false]);
});

async function untilOpen(run: Answering, n: number): Promise<Answering> {
  const view = { runId: run.runId, includeEvents: true, includeToolCalls: false };
  let now = (await engine.getRun(run.workspaceId, view)).value();
  await expect
    .poll(
      async () => {
        now = (await engine.getRun(run.workspaceId, view)).value();
        return [now.status, now.waitingOn.map(({ text }) => text)];
      },
      { timeout: 10_000 },
    )
    .toEqual(['PAUSED', [`Question ${n}?`]]);
  return { ...now, workspaceId: run.workspaceId };
}

test('without an answer there is no plan: the run ends with a sentence', async () => {
  drafts = [() => which];
  const run = await untilWaiting(engine, aRun());
  await answer(run, null);
  expect((await follow(engine, run.workspaceId, run.runId)).at(-1)).toMatchObject({
    runStatus: 'NO_SUCCESS',
    error: { code: 'question_unanswered', message: `${by.label} gave no answer: ${which.question}` },
  });
  expect(requests).toHaveLength(1);
  const freshEngines = await startEngines(inject('postgres'));
  const hasty = await freshEngines.engine(service.toolbox, {
    planner,
    requestLifetimes: { approvalMs: 100 },
    workers: { watchMs: 50 },
  });
  drafts = [() => which];
  expect((await finish(hasty, aRun())).run).toMatchObject({
    status: 'NO_SUCCESS',
    error: { code: 'question_unanswered', message: `Nobody answered in time: ${which.question}` },
  });
  await freshEngines.close();
});

test('a planner asks after a failure, too; what is done is not done again', async () => {
  service.behaviours.find = (_, __, response) => {
    response.statusCode = 404;
    return {};
  };
  const first = aPlan([
    ['done', 'make', { n: 1 }],
    ['lost', 'find', {}, { dependsOn: ['done'] }],
  ]) as unknown as Plan;
  drafts = [() => first, () => which, ({ answers }) => writeTo(String(answers![0]!.answer))];
  const run = await untilWaiting(engine, aRun());
  expect(run.waitingOn.map(({ text }) => text)).toEqual([which.question]);
  await answer(run, 'c1');
  const events = await follow(engine, run.workspaceId, run.runId);
  expect(events.at(-1)).toMatchObject({ runStatus: 'SUCCESS', result: { to: 'c1' } });
  expect(service.seen.map(({ operation, args }) => [operation, args])).toEqual([
    ['make', { n: 1 }],
    ['find', {}],
    ['make', { to: 'c1' }],
  ]);
  expect(requests[2]).toMatchObject({ previous: { failures: [{ stepId: 'lost' }] }, answers: [{ answer: 'c1' }] });
  delete service.behaviours.find;
});

test('a plan that was made with an answer is not repeated: people are asked again', async () => {
  drafts = [() => which, ({ answers }) => writeTo(String(answers![0]!.answer))];
  const run = await untilWaiting(engine, aRun({ repeatKey: 'weekly' }));
  await answer(run, 'c1');
  await follow(engine, run.workspaceId, run.runId);
  drafts = [() => which, ({ answers }) => writeTo(String(answers![0]!.answer))];
  const again = await untilWaiting(engine, aRun({ repeatKey: 'weekly' }), run.workspaceId);
  expect([again.status, again.repeatRunId]).toEqual(['PAUSED', undefined]);
  await engine.cancel(again.workspaceId, again.runId);
});

test('an unreadable question ends the run', async () => {
  drafts = [() => ({ question: '' })];
  expect((await finish(engine, aRun())).run).toMatchObject({ status: 'FAILED', error: { code: 'plan_failed' } });
});
