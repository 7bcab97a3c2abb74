// Steps that ask people: a question waits, its answer is the output of the step, and exactly one answer counts.
import type { RunEvent } from '@errand/contracts';
import { newId } from '@errand/db';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { aKey, by, startApprovals } from '../../testing/approvals.ts';
import { aPlan, aRun, finish, follow, startEngines, untilWaiting } from '../../testing/engine.ts';

let fixture: Awaited<ReturnType<typeof startApprovals>>;
let { engines, service, engine } = {} as typeof fixture;

beforeAll(async () => {
  fixture = await startApprovals(inject('postgres'));
  ({ engines, service, engine } = fixture);
  service.behaviours.find = () => ({
    items: [
      { id: 'c1', name: 'Alex Kim' },
      { id: 'c2', name: 'Alex Moss' },
    ],
  });
});
afterAll(() => fixture.close());
beforeEach(() => {
  service.seen.length = 0;
});

const asks = (args: Record<string, unknown>, more: object = {}) =>
  ['who', 'ask', args, { tool: 'errand.ask', ...more }] as const;
const choices = { $: "[steps.people.output.items.{'value': id, 'label': name}]" };

/** Finds two people of one name, asks which one is meant, and writes to that one. */
const whichAlex = aPlan(
  [
    ['people', 'find'],
    [...asks({ question: 'Which Alex do you mean?', choices })],
    ['write', 'make', { to: { $: 'steps.who.output' } }],
  ],
  { to: { $: 'steps.who.output' } },
);
const written = () => service.seen.filter(({ operation }) => operation === 'make').map(({ args }) => args);
const questionOf = (run: { waitingOn: { requestId?: string }[] }) => run.waitingOn[0]!.requestId!;
const answersIn = (events: RunEvent[]) => events.filter(({ type }) => type === 'answer');

test('a step asks with choices from an earlier output; the answer is its output', async () => {
  const run = await untilWaiting(engine, aRun({ plan: whichAlex }));
  const requestId = questionOf(run);
  const offered = [
    { value: 'c1', label: 'Alex Kim' },
    { value: 'c2', label: 'Alex Moss' },
  ];
  expect([run.status, service.calls('make')]).toEqual(['PAUSED', 0]);
  expect(run.waitingOn).toEqual([
    {
      kind: 'question',
      requestId,
      text: 'Which Alex do you mean?',
      choices: offered,
      resolveWith: { method: 'POST', path: `/v1/questions/${requestId}`, body: { answer: 'c1' } },
      expiresAt: expect.any(String),
    },
  ]);
  expect((await engine.listPending(run.workspaceId, { reader: by, pageSize: 10 })).pending).toMatchObject([
    { kind: 'question', requestId, choices: offered, runId: run.runId },
  ]);
  expect(run.events.find(({ type }) => type === 'question')).toMatchObject({
    runStatus: 'PAUSED',
    stepId: 'who',
    requestId,
    question: 'Which Alex do you mean?',
    choices: offered,
  });
  expect(run.events.at(-1)).toMatchObject({ type: 'status', reason: 'Waits for a human: 1 question.' });

  const answered = await engine.answerQuestion(run.workspaceId, { requestId, answer: 'c2' }, by);
  expect(answered).toMatchObject({ requestId, runId: run.runId, answer: 'c2', answeredBy: by.label });
  const events = await follow(engine, run.workspaceId, run.runId);
  expect(events.map(({ type }) => type)).toEqual([
    ...['start', 'step', 'question', 'status', 'answer', 'step', 'step', 'end'],
  ]);
  expect(events[4]).toMatchObject({ requestId, answer: 'c2', answeredBy: by.label });
  expect(events[5]).toMatchObject({
    step: {
      stepId: 'who',
      text: 'Answered.',
      toolCalls: [{ toolCallId: 'who', toolResult: { executionResult: 'c2' } }],
    },
  });
  expect(events.at(-1)).toMatchObject({ runStatus: 'SUCCESS', result: { to: 'c2' } });
  expect(written()).toEqual([{ to: 'c2' }]);
  expect((await engine.readCall(run.workspaceId, run.runId, 'who')).value()).toMatchObject({
    toolName: 'errand.ask',
    toolParameters: { question: 'Which Alex do you mean?', choices: offered },
  });
});

test('of many answers at once exactly one counts; the same one again is answered the same', async () => {
  const run = await untilWaiting(engine, aRun({ plan: whichAlex }));
  const requestId = questionOf(run);
  const say = (answer: string) => engine.answerQuestion(run.workspaceId, { requestId, answer }, by);
  const all = await Promise.allSettled(Array.from({ length: 40 }, (_, i) => say(i % 2 ? 'c1' : 'c2')));
  const events = await follow(engine, run.workspaceId, run.runId);
  expect(answersIn(events)).toHaveLength(1);
  const [{ answer }] = answersIn(events) as [Extract<RunEvent, { type: 'answer' }>];
  expect(written()).toEqual([{ to: answer }]);
  const won = all.flatMap((settled) => (settled.status === 'fulfilled' ? [settled.value.answer] : []));
  const lost = all.flatMap((settled) => (settled.status === 'rejected' ? [settled.reason.code] : []));
  expect([won, lost]).toEqual([Array(20).fill(answer), Array(20).fill('question_already_answered')]);
  expect(await say(answer as string)).toMatchObject({ answer });
});

test('an answer at the moment of the question takes effect, also while another step goes on', async () => {
  service.behaviours.slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 150));
    return {};
  };
  const more = aPlan([
    ['other', 'look'],
    ...whichAlex.steps.map(({ id, tool, args }) => [id, '', args, { tool }] as never),
  ]);
  service.behaviours.look = service.behaviours.slow;
  const ends = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const workspaceId = newId();
      const { runId } = await engine.create(workspaceId, aRun({ plan: i % 2 ? whichAlex : more }));
      const view = { runId, after: 0, includeToolCalls: false };
      const stream = await engine.streamEvents(workspaceId, view, AbortSignal.timeout(120_000));
      for await (const { data } of stream ?? []) {
        const event = JSON.parse(data) as RunEvent;
        if (event.type === 'end') return event.runStatus;
        if (event.type !== 'question') continue;
        await engine.answerQuestion(workspaceId, { requestId: event.requestId, answer: 'c1' }, by);
      }
      return undefined;
    }),
  );
  delete service.behaviours.look;
  expect(ends).toEqual(Array(20).fill('SUCCESS'));
});

test('another process goes on with an answer after the one that asked is gone', async () => {
  const freshEngines = await startEngines(inject('postgres'));
  const first = await freshEngines.engine(service.toolbox);
  const run = await untilWaiting(first, aRun({ plan: whichAlex }));
  await first.stop();
  const idle = await freshEngines.engine(service.toolbox, { work: false });
  await idle.answerQuestion(run.workspaceId, { requestId: questionOf(run), answer: 'c2' }, by);
  await freshEngines.engine(service.toolbox);
  const events = await follow(idle, run.workspaceId, run.runId);
  expect(events.at(-1)).toMatchObject({ runStatus: 'SUCCESS', result: { to: 'c2' } });
  expect([answersIn(events).length, service.calls('find'), written()]).toEqual([1, 1, [{ to: 'c2' }]]);
  await freshEngines.close();
});

test('an expired question ends the steps that need it, with a sentence; a late answer is rejected', async () => {
  const freshEngines = await startEngines(inject('postgres'));
  const hasty = await freshEngines.engine(service.toolbox, {
    requestLifetimes: { approvalMs: 150 },
    workers: { watchMs: 50 },
  });
  const { run, events, workspaceId } = await finish(hasty, aRun({ plan: whichAlex }));
  const message = 'Nobody answered in time: Which Alex do you mean?';
  expect(run).toMatchObject({ status: 'NO_SUCCESS', error: { code: 'question_unanswered', message } });
  expect(answersIn(events)).toMatchObject([{ reason: 'expired' }]);
  const texts = events.flatMap((event) => (event.type === 'step' ? [event.step.text] : []));
  expect(texts.slice(1)).toEqual([message, 'Not run: it needs an answer that nobody gave.']);
  const [{ requestId }] = answersIn(events) as [Extract<RunEvent, { type: 'answer' }>];
  const late = hasty.answerQuestion(workspaceId, { requestId, answer: 'c1' }, by);
  await expect(late).rejects.toMatchObject({ code: 'question_gone' });
  const [before] = whichAlex.steps;
  const plan = {
    ...whichAlex,
    steps: [before!, { ...before!, id: 'b', tool: 'svc_0000000a.make' }, ...whichAlex.steps.slice(1)],
  };
  expect((await finish(hasty, aRun({ plan }))).run).toMatchObject({
    status: 'PARTIAL_SUCCESS',
    error: { code: 'question_unanswered' },
  });
  await freshEngines.close();
});

test('no answer ends what needs it; steps that do not need it go on', async () => {
  const plan = aPlan(
    [
      [...asks({ question: 'Which day?' })],
      ['write', 'make', { on: { $: 'steps.who.output' } }],
      ['other', 'look', { x: 1 }],
    ],
    { saw: { $: 'steps.other.output' } },
  );
  const run = await untilWaiting(engine, aRun({ plan }));
  const requestId = questionOf(run);
  const none = await engine.answerQuestion(run.workspaceId, { requestId, answer: null }, by);
  expect(none).toMatchObject({ answer: null, answeredBy: by.label });
  const end = (await follow(engine, run.workspaceId, run.runId)).at(-1);
  const message = `${by.label} gave no answer: Which day?`;
  expect(end).toMatchObject({ runStatus: 'PARTIAL_SUCCESS', error: { code: 'question_unanswered', message } });
  expect(written()).toEqual([]);
  const secondAnswer = engine.answerQuestion(run.workspaceId, { requestId, answer: 'Monday' }, by);
  await expect(secondAnswer).rejects.toMatchObject({ code: 'question_already_answered' });
  expect(await engine.answerQuestion(run.workspaceId, { requestId, answer: null }, by)).toEqual(none);
});

test('what is not among the choices, or no text where there are none, is refused and leaves the question open', async () => {
  const run = await untilWaiting(engine, aRun({ plan: whichAlex }));
  const free = await untilWaiting(engine, aRun({ plan: aPlan([[...asks({ question: 'Which day?' })]]) }));
  for (const [of, answer] of [
    [run, 'c3'],
    [run, 'Alex Kim'],
    [run, 1],
    [free, 1],
    [free, true],
  ] as const) {
    const answering = engine.answerQuestion(of.workspaceId, { requestId: questionOf(of), answer }, by);
    await expect(answering).rejects.toMatchObject({ code: 'validation_failed' });
  }
  const stranger = engine.answerQuestion(newId(), { requestId: questionOf(run), answer: 'c1' }, by);
  await expect(stranger).rejects.toMatchObject({ code: 'question_not_found' });
  await engine.answerQuestion(free.workspaceId, { requestId: questionOf(free), answer: 'Monday' }, by);
  expect((await follow(engine, free.workspaceId, free.runId)).at(-1)).toMatchObject({ result: 'Monday' });
  await engine.cancel(run.workspaceId, run.runId);
  const gone = engine.answerQuestion(run.workspaceId, { requestId: questionOf(run), answer: 'c1' }, by);
  await expect(gone).rejects.toMatchObject({ code: 'question_gone' });
});

test('one question for each item; answers that are numbers and yes or no keep their type', async () => {
  const choices = [{ value: 1, label: 'one' }, { value: false, label: 'none' }, 'many'];
  const plan = aPlan([
    [...asks({ question: { $: "'How many of ' & item & '?'" }, choices }, { forEach: { $: "['a', 'b', 'c']" } })],
  ]);
  const run = await untilWaiting(engine, aRun({ plan }));
  expect(run.waitingOn.map(({ text }) => text).sort()).toEqual(['How many of a?', 'How many of b?', 'How many of c?']);
  const say = (item: string, answer: number | boolean | string) => {
    const { requestId } = run.waitingOn.find(({ text }) => text === `How many of ${item}?`)!;
    return engine.answerQuestion(run.workspaceId, { requestId: requestId!, answer }, by);
  };
  await Promise.all([say('c', 'many'), say('a', 1)]);
  await say('b', false);
  const end = (await follow(engine, run.workspaceId, run.runId)).at(-1);
  expect(end).toMatchObject({ runStatus: 'SUCCESS', result: [1, false, 'many'] });
});

test('questions need no approval, and who asked for the run may answer under four eyes', async () => {
  const freshEngines = await startEngines(inject('postgres'));
  const strict = await freshEngines.engine(service.toolbox, { fourEyes: true });
  const workspaceId = newId();
  const input = aRun({ approvalStrategy: 'ON_TOOL_CALL', plan: aPlan([[...asks({ question: 'Which day?' })]]) });
  const { runId } = await strict.create(workspaceId, input, { by });
  const run = await untilWaiting(strict, input, workspaceId, runId);
  expect(run.waitingOn.map(({ kind }) => kind)).toEqual(['question']);
  await strict.answerQuestion(workspaceId, { requestId: questionOf(run), answer: 'Monday' }, by);
  expect((await follow(strict, workspaceId, runId)).at(-1)).toMatchObject({ result: 'Monday' });
  await freshEngines.close();
});

test('a run asks no more than it may, and no more than people read', async () => {
  const numbers = (n: number) => ({ $: `[1..${n}]` });
  const many = aPlan([[...asks({ question: { $: "'Number ' & item & '?'" } }, { forEach: numbers(21) })]]);
  expect((await finish(engine, aRun({ plan: many }))).run).toMatchObject({
    status: 'FAILED',
    error: { code: 'expression_failed', message: expect.stringContaining('at most 20') },
  });
  const long = { $: "[1..20].{'value': $string($) & $pad('', 450, 'x'), 'label': $string($)}" };
  const large = aPlan([[...asks({ question: 'Which?', choices: long })]]);
  expect((await finish(engine, aRun({ plan: large }))).run).toMatchObject({
    status: 'FAILED',
    error: { code: 'tool_args_invalid', message: expect.stringContaining('8 KiB') },
  });
  const two = aPlan([
    [...asks({ question: { $: "'Number ' & item & '?'" } }, { forEach: numbers(20) })],
    ['more', 'ask', { question: 'And?' }, { tool: 'errand.ask', dependsOn: ['who'] }],
  ]);
  const run = await untilWaiting(engine, aRun({ plan: two }));
  for (const { requestId } of run.waitingOn) {
    await engine.answerQuestion(run.workspaceId, { requestId: requestId!, answer: 'yes' }, aKey('er_test_…zzzz'));
  }
  expect((await follow(engine, run.workspaceId, run.runId)).at(-1)).toMatchObject({
    error: { code: 'budget_exhausted', message: 'A run asks people at most 20 questions.' },
  });
});

test('an answer holds for the question that was asked alone', async () => {
  const run = await untilWaiting(engine, aRun({ plan: whichAlex }));
  await engines.query('UPDATE decision_request SET sha256 = $1 WHERE run_id = $2', ['another', run.runId]);
  await engine.answerQuestion(run.workspaceId, { requestId: questionOf(run), answer: 'c2' }, by);
  const end = (await follow(engine, run.workspaceId, run.runId)).at(-1);
  expect(end).toMatchObject({ error: { code: 'approval_mismatch' } });
  expect(written()).toEqual([]);
});
