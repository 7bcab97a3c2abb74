import { type Evidence, groupBy } from './evidence.ts';
import type { Entry } from './history.ts';
import { Case, type Verdict } from './verdict.ts';

/** One idempotency key makes one run, and all its answers are the same. */
export function keysMakeOneRun({ facts, history, besides }: Evidence): Verdict {
  const it = new Case('I6', 'one Idempotency-Key makes at most one run, and every 2xx answer to it is the same');
  const answers = groupBy(
    history.entries.filter((e) => e.operation === 'create' && e.moment === 'ok'),
    (e) => e.subject,
  );
  const runsByErrand = groupBy(
    facts.runs.filter(({ rerunOf }) => rerunOf === null),
    ({ errand }) => errand,
  );
  for (const [errand, runs] of runsByErrand)
    it.expect(runs.length === 1, () => `${errand} has the runs ${runs.map((r) => r.runId)}`);
  let repeated = 0;
  for (const [errand, list] of answers) {
    if (list.length > 1) repeated++;
    // The last release answers without the word `answer`.
    const bytesOf = ({ body = '' }: Entry) => (besides.length > 0 ? body.replace(/,"answer":"run"}$/, '}') : body);
    const first = bytesOf(list[0]!);
    const different = list.find((entry) => bytesOf(entry) !== first);
    it.expect(different === undefined, () => `${errand} was answered with two bodies: ${first} and ${different!.body}`);
    const { runId } = JSON.parse(first) as { runId: string };
    it.expect(
      runsByErrand.get(errand)?.[0]?.runId === runId,
      () => `${errand} was answered with ${runId}, and has ${runsByErrand.get(errand)?.[0]?.runId}`,
    );
  }
  it.note(`${repeated} keys answered more than once`);
  return it.close();
}

/** A client that repeats its request succeeds. */
export function clientsSucceed({ errands }: Evidence): Verdict {
  const it = new Case(
    'I32',
    'each errand that a client posts, and posts again until a minute after healing, is accepted',
  );
  // The clients that ask one process for a first success after a change of the primary stop sooner.
  for (const { name, runId } of errands.filter((errand) => !errand.name.startsWith('first')))
    it.expect(runId !== undefined, () => `${name} was never accepted`);
  return it.close();
}

/** A decision is made once, and never takes effect after the end of the run. */
export function decisionsCountOnce({ facts, history }: Evidence): Verdict {
  const it = new Case(
    'I7e',
    'a request about an effect is decided at most once, as it was answered, and not after the end of its run',
  );
  const events = groupBy(facts.events, ({ runId }) => runId);
  const ended = new Map(facts.runs.map((run) => [run.runId, run.endedAt]));
  const effectRequests = new Map(facts.effectRequests.map((request) => [request.effectId, request]));
  const human = (decision: string | null) => ['retry', 'happened', 'skip'].includes(decision ?? '');
  for (const entry of history.entries) {
    if (entry.operation !== 'resolve' || entry.moment !== 'ok') continue;
    const { subject, choice } = entry;
    it.expect(
      effectRequests.get(subject)?.decision === choice,
      () => `${subject} was decided as ${choice}, and is stored as ${effectRequests.get(subject)?.decision}`,
    );
  }
  for (const [runId, requestsOfRun] of groupBy(facts.effectRequests, (request) => request.runId)) {
    const decisionEvents = (events.get(runId) ?? []).filter(
      ({ type, data }) => type === 'status' && / decided about /.test(String(data.reason)),
    );
    const decided = requestsOfRun.filter(({ decision }) => human(decision));
    it.expect(
      decisionEvents.length === decided.length,
      () => `${runId} has ${decisionEvents.length} events of decisions, and ${decided.length} decisions`,
    );
    for (const { effectId, decision, decidedAt } of requestsOfRun) {
      it.expect(decision !== null, () => `${effectId} of ${runId} is open although the run has ended`);
      if (human(decision))
        it.expect(decidedAt! <= ended.get(runId)!, () => `${effectId} of ${runId} was decided after the end`);
    }
  }
  const words = facts.effectRequests.map(({ decision }) => decision ?? 'open');
  it.note(
    [...new Set(words)].map((word) => `${words.filter((w) => w === word).length} ${word}`).join(', ') || 'no requests',
  );
  return it.close();
}

/** A rejected request has no effect. */
export function refusalsDoNothing({ facts, history }: Evidence): Verdict {
  const it = new Case('I10', 'a request that was refused with a 4xx has had no effect');
  const runs = groupBy(facts.runs, ({ errand }) => errand);
  const decisions = new Map([
    ...facts.effectRequests.map((request) => [request.effectId, request.decision] as const),
    // Without `decidedBy` the request expired.
    ...facts.approvals.map((approval) => [approval.approvalId, approval.decidedBy && approval.decision] as const),
    ...facts.questions.map((question) => [question.requestId, question.decidedBy && String(question.answer)] as const),
  ]);
  const canceled = new Set(facts.runs.filter(({ status }) => status === 'CANCELED').map(({ runId }) => runId));
  for (const [id, list] of groupBy(
    history.entries.filter((e) => e.moment !== 'invoke' && e.operation !== 'connect'),
    (e) => `${e.operation} ${e.subject} ${e.choice}`,
  )) {
    // Another request about the same subject may have been accepted.
    if (!list.every(({ moment }) => moment === 'fail')) continue;
    const { operation, subject, choice, status } = list[0]!;
    const did =
      operation === 'create'
        ? runs.has(subject)
        : operation === 'cancel'
          ? canceled.has(subject)
          : operation === 'rerun'
            ? facts.runs.some(({ rerunOf }) => rerunOf === subject)
            : decisions.get(subject) === choice;
    it.expect(!did, () => `${id} was answered with ${status}, and took effect`);
  }
  return it.close();
}
