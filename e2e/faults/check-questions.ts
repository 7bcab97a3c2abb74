import { type Evidence, groupBy } from './evidence.ts';
import { callOf } from './facts.ts';
import { Case, type Verdict } from './verdict.ts';

/** A question is answered once, and only that answer is used. */
export function answersCountOnce(evidence: Evidence): Verdict {
  const { facts, arrivals } = evidence;
  const it = new Case(
    'I24',
    'a question is answered at most once, as it was answered with 2xx; its run goes on with that answer alone',
  );
  checkAnswers(it, evidence);
  checkQuestions(it, facts);
  const wrong = arrivals.filter(
    ({ call }) => / kept (left|right)$/.test(call) && !facts.calls.some((entry) => callOf(entry) === call),
  );
  it.expect(wrong.length === 0, () => `${wrong.map(({ call }) => call)} arrived, and are in no ledger`);
  const words = facts.questions.map(({ decision, decidedBy }) =>
    decision === 'deny' && !decidedBy ? 'expired' : decision,
  );
  it.note(
    [...new Set(words)].map((word) => `${words.filter((candidate) => candidate === word).length} ${word}`).join(', ') ||
      'none',
  );
  return it.close();
}

/** The stored answer is the accepted one, and rejections have a known reason. */
function checkAnswers(it: Case, { facts, history, removed }: Evidence): void {
  const byId = new Map(facts.questions.map((question) => [question.requestId, question]));
  for (const { operation, moment, subject, choice, status, body } of history.entries) {
    if (operation !== 'answer') continue;
    const storedAnswer = String(byId.get(subject)?.answer);
    if (moment === 'ok')
      it.expect(storedAnswer === choice, () => `${subject} was answered ${choice}, and has ${storedAnswer}`);
    if (moment !== 'fail' || (status === 404 && removed.has(byId.get(subject)?.runId ?? ''))) continue;
    const refused = /"code":"(question_already_answered|question_gone)"/.test(body ?? '');
    it.expect(refused, () => `the answer ${choice} to ${subject} got ${status} ${body}`);
  }
}

/** Each question is decided, has the event of its answer, and its run continues with that answer. */
function checkQuestions(it: Case, facts: Evidence['facts']): void {
  const events = groupBy(facts.events, ({ runId }) => runId);
  const calls = groupBy(facts.calls, ({ runId }) => runId);
  for (const { requestId, runId, key, decision, answer, expiresAt, decidedAt, decidedBy } of facts.questions) {
    const answerEvents = (events.get(runId) ?? []).filter(
      ({ type, data }) => type === 'answer' && data.requestId === requestId,
    );
    const expected = decision === 'answer' || decision === 'deny' ? 1 : 0;
    it.expect(answerEvents.length === expected, () => `${requestId}, ${decision}, has ${answerEvents.length} events`);
    it.expect(decision !== null, () => `${requestId} of ${runId} is open although the run has ended`);
    if (decision === 'deny' && decidedBy === null)
      it.expect(decidedAt! >= expiresAt - 2, () => `${requestId} expired before its time`);
    const callsOfRun = calls.get(runId) ?? [];
    const used = callsOfRun.filter((call) => call.key === key);
    it.expect(
      used.every(({ output }) => decision === 'answer' && output === answer),
      () => `${requestId} was answered ${answer}, and its step gave ${used.map(({ output }) => output)}`,
    );
    // The plan sends the answer in the name of the call that follows.
    for (const call of callsOfRun.flatMap((entry) => (entry.effect === 'write' ? [callOf(entry) ?? ''] : [])))
      it.expect(call.endsWith(` ${answer}`), () => `${call} was made after the answer ${answer}`);
  }
}
