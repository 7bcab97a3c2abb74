import { isDeepStrictEqual } from 'node:util';
import { type Evidence, groupBy } from './evidence.ts';
import { callOf, type InputFact } from './facts.ts';
import { stateIn } from './third-party-mcp.ts';
import { Case, type Verdict } from './verdict.ts';

const ENDS_WITH_ALL = ['SUCCESS', 'PARTIAL_SUCCESS'];

/** A request of a service is answered once, and its call continues with that answer and the service's own state. */
export function inputsCountOnce(evidence: Evidence): Verdict {
  const { facts, arrivals } = evidence;
  const it = new Case(
    'I26',
    'what a service asks is answered at most once, as it was answered with 2xx; its call goes on with that answer and the state of the service, and takes effect at most once',
  );
  const continued = arrivals.filter((arrival) => arrival.continued !== undefined);
  checkAnswers(it, evidence);
  checkEvents(it, evidence);
  checkContinued(it, facts.inputs, continued);
  checkNoAnswerIsLost(it, facts, continued);
  checkBookings(it, evidence);
  const words = facts.inputs.map(({ decision, answer }) =>
    decision === 'deny' && !answer ? 'expired' : (answer?.action ?? decision),
  );
  it.note(
    `${continued.length} calls went on; ${[...new Set(words)].map((word) => `${words.filter((candidate) => candidate === word).length} ${word}`).join(', ') || 'none'}`,
  );
  return it.close();
}

/** The stored answer is the accepted one, and rejections have a known reason. */
function checkAnswers(it: Case, { facts, history, removed }: Evidence): void {
  const byId = new Map(facts.inputs.map((input) => [input.requestId, input]));
  for (const { operation, moment, subject, choice, status, body } of history.entries) {
    if (operation !== 'input') continue;
    const storedAnswer = byId.get(subject)?.answer;
    if (moment === 'ok')
      it.expect(
        isDeepStrictEqual(storedAnswer, JSON.parse(choice!)),
        () => `${subject} was answered ${choice}, and has ${JSON.stringify(storedAnswer)}`,
      );
    if (moment !== 'fail' || (status === 404 && removed.has(byId.get(subject)?.runId ?? ''))) continue;
    const refused = /"code":"(input_already_answered|input_gone)"/.test(body ?? '');
    it.expect(refused, () => `the answer ${choice} to ${subject} got ${status} ${body}`);
  }
}

/** Each request is decided, and has the event of its answer. */
function checkEvents(it: Case, { facts }: Evidence): void {
  const events = groupBy(facts.events, ({ runId }) => runId);
  for (const { requestId, runId, decision, answer } of facts.inputs) {
    it.expect(decision !== null, () => `${requestId} of ${runId} is open although the run has ended`);
    const answerEvents = (events.get(runId) ?? []).filter(
      ({ type, data }) => type === 'answer' && data.requestId === requestId,
    );
    const actions = String(answerEvents.map(({ data }) => data.action ?? ''));
    it.expect(
      decision === 'void' ? answerEvents.length === 0 : actions === (answer?.action ?? '') && answerEvents.length === 1,
      () => `${requestId}, ${decision} by ${answer?.action}, has the events ${actions}`,
    );
  }
}

/** A call continues with its own state and answer, and takes effect once. */
function checkContinued(it: Case, inputs: readonly InputFact[], continued: Evidence['arrivals']): void {
  const byState = new Map(inputs.map((input) => [stateIn(input.text), input]));
  for (const { call, continued: sent } of continued) {
    const request = byState.get(sent!.state);
    it.expect(
      request !== undefined && sent!.state.startsWith(`${call} `) && isDeepStrictEqual(request.answer, sent!.answer),
      () => `${call} went on with ${JSON.stringify(sent)}, answered was ${JSON.stringify(request?.answer)}`,
    );
  }
  // A booking that a person retried asks again, so each state leads to at most one effect.
  const effects = groupBy(
    continued.filter(({ effect }) => effect),
    (arrival) => arrival.continued!.state,
  );
  for (const [state, list] of effects)
    it.expect(list.length === 1, () => `${list.length} calls took effect with the state ${state}`);
}

/** In a run that succeeded, each accepted answer was sent, or its call was lost. */
function checkNoAnswerIsLost(it: Case, facts: Evidence['facts'], continued: Evidence['arrivals']): void {
  const statuses = new Map(facts.runs.map(({ runId, status }) => [runId, status]));
  const sentStates = new Set(continued.map((arrival) => arrival.continued!.state));
  const isSent = ({ text }: InputFact) => sentStates.has(stateIn(text)!);
  // A person decides about a call that was lost.
  const resolved = new Set(
    facts.effectRequests.flatMap((request) => (request.decision ? `${request.runId} ${request.key}` : [])),
  );
  const lost = new Set(
    facts.calls.flatMap((entry) => (resolved.has(`${entry.runId} ${entry.key}`) ? callOf(entry) : [])),
  );
  const isLost = ({ text }: InputFact) => lost.has(stateIn(text)!.replace(/ \d+$/, ''));
  for (const input of facts.inputs)
    if (input.answer?.action === 'accept' && ENDS_WITH_ALL.includes(statuses.get(input.runId)!))
      it.expect(
        isSent(input) || isLost(input),
        () => `${input.requestId} of ${input.runId} was answered, and the answer went nowhere`,
      );
}

/** A booking returns the answer of its user. */
function checkBookings(it: Case, { facts, arrivals }: Evidence): void {
  // A booking without its state restarts, and asks again.
  const begun = groupBy(
    arrivals.filter(({ tool, continued: sent }) => tool === 'book' && !sent),
    ({ call }) => call,
  );
  for (const entry of facts.calls) {
    const side = (entry.output as { side?: string } | null)?.side;
    const call = callOf(entry)!;
    if (side === undefined || !begun.has(call)) continue;
    const request = facts.inputs.findLast(({ text }) => stateIn(text)?.startsWith(`${call} `));
    const entered = request?.answer?.content?.side;
    it.expect(side === entered, () => `${call} gave ${side}, and its user entered ${entered}`);
  }
}
