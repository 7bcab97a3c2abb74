import { type Evidence, groupBy, terminal } from './evidence.ts';
import { before } from './plans.ts';
import { Case, type Verdict } from './verdict.ts';

/** How long a run may take after the end of all faults, in ms. */
export const ENDS_IN_MS = 120_000;

/** Every accepted run ends, once. */
export function everyRunEnds({ errands, facts, quietMs }: Evidence): Verdict {
  const it = new Case('I1', 'every accepted run reaches exactly one terminal event, and nothing follows it');
  const runs = new Map(facts.runs.map((run) => [run.runId, run]));
  const events = groupBy(facts.events, ({ runId }) => runId);
  for (const { name, runId } of errands) {
    if (runId === undefined) continue;
    const run = runs.get(runId);
    it.expect(run !== undefined, () => `${name} was accepted as ${runId}, and there is no such run`);
  }
  for (const { errand, runId, status } of facts.runs) {
    const eventsOfRun = events.get(runId) ?? [];
    const ends = eventsOfRun.filter(({ type }) => type === 'end').length;
    it.expect(
      terminal.includes(status),
      () => `${errand} ${runId} is ${status} still, ${quietMs} ms after all was healed`,
    );
    it.expect(
      ends === 1 && eventsOfRun.at(-1)!.type === 'end',
      () => `${errand} ${runId} has ${ends} ends; its last event is ${eventsOfRun.at(-1)?.type}`,
    );
    const lastStatus = eventsOfRun.at(-1)?.data.runStatus;
    it.expect(
      lastStatus === undefined || lastStatus === status,
      () => `${errand} ${runId} is ${status}, and its end says ${lastStatus}`,
    );
  }
  it.note(`quiet ${(quietMs / 1000).toFixed(1)} s after healing`);
  return it.close();
}

/** The times of step ends and of requests about uncertain effects. A step ends once. */
function stepsIn(it: Case, label: string, eventsOfRun: Evidence['facts']['events']) {
  const ended = new Map<string, number>();
  const requested = new Map<string, number>();
  for (const { seq: at, type, data } of eventsOfRun) {
    const step =
      type === 'step'
        ? (data.step as { stepId: string; effectId?: string; approval?: string; reason?: string })
        : undefined;
    if (!step || step.reason === 'The run was cancelled during the call.') continue;
    if (step.effectId !== undefined) {
      requested.set(step.effectId, at);
      continue;
    }
    if (step.approval === 'PENDING') continue;
    it.expect(
      !ended.has(step.stepId),
      () => `${label} tells the end of step ${step.stepId} at ${ended.get(step.stepId)} and at ${at}`,
    );
    ended.set(step.stepId, at);
  }
  return { ended, asked: requested };
}

/** The log of a run has no gaps and no duplicates, and is in causal order. */
export function logsAreWhole({ errands, facts }: Evidence): Verdict {
  const it = new Case(
    'I2',
    'events are numbered 1..n without gaps, each step has one event, causes come before effects',
  );
  const events = groupBy(facts.events, ({ runId }) => runId);
  const shapes = new Map(errands.map(({ name, shape }) => [name, shape]));
  for (const { errand, runId, seq, status } of facts.runs) {
    const eventsOfRun = events.get(runId) ?? [];
    const label = `${errand} ${runId}`;
    it.expect(
      eventsOfRun.length === seq && eventsOfRun.every((event, i) => event.seq === i + 1),
      () => `${label} has numbers ${eventsOfRun.map((e) => e.seq)}, its row says ${seq}`,
    );
    it.expect(
      eventsOfRun.every(({ at }, i) => i === 0 || eventsOfRun[i - 1]!.at <= at),
      () => `${label} goes back in time`,
    );
    const starts = eventsOfRun.filter(({ type }) => type === 'start');
    it.expect(
      starts.length === 1 ? eventsOfRun[0]!.type === 'start' : starts.length === 0 && status === 'CANCELED',
      () => `${label} has ${starts.length} starts`,
    );

    const { ended, asked: requested } = stepsIn(it, label, eventsOfRun);
    for (const [earlier, later] of before[shapes.get(errand) ?? 'reads']) {
      const at = ended.get(later);
      if (at === undefined) continue;
      it.expect(
        (ended.get(earlier) ?? Number.POSITIVE_INFINITY) < at,
        () => `${label} tells ${later} before ${earlier}`,
      );
    }
    const requests = facts.effectRequests.filter((request) => request.runId === runId);
    for (const { effectId } of requests)
      it.expect(requested.has(effectId), () => `${label} has no event of its request ${effectId}`);
  }
  return it.close();
}

// Links to decisions begin with the origin of the process that shows them.
const withoutOrigin = (text: string): string => text.replaceAll(/http:\/\/127\.0\.0\.1:\d+(?=\/v1\/)/g, '');

/** Each follower sees the whole log, despite broken connections. */
export function followersSeeAll({ history, facts, listed }: Evidence): Verdict {
  const it = new Case('I5', "each SSE and tRPC follower has seen exactly the table's sequence");
  const events = groupBy(facts.events, ({ runId }) => runId);
  for (const [runId, list] of listed) {
    const eventsOfRun = events.get(runId) ?? [];
    it.expect(
      list.length === eventsOfRun.length &&
        list.every((event, i) => event.seq === eventsOfRun[i]!.seq && event.type === eventsOfRun[i]!.type),
      () => `${runId} is listed with ${list.length} events, the table has ${eventsOfRun.length}`,
    );
  }
  let connections = 0;
  for (const { runId, transport, events: received, complete, connections: n } of history.captures) {
    connections += n;
    const list = listed.get(runId) ?? [];
    it.expect(
      complete,
      () => `a ${transport} follower of ${runId} never received its end (it has ${received.length} events)`,
    );
    if (!complete) continue;
    it.expect(
      received.length === list.length && received.every(({ seq }, i) => seq === i + 1),
      () => `a ${transport} follower of ${runId} has seen ${received.map((e) => e.seq)} of ${list.length}`,
    );
    const different = received.find(
      ({ data }, i) => list[i] && withoutOrigin(JSON.stringify(JSON.parse(data))) !== withoutOrigin(list[i].text),
    );
    it.expect(
      different === undefined,
      () =>
        `a ${transport} follower of ${runId} has seen another event ${different!.seq} than is listed: ${different!.data}`,
    );
  }
  it.note(`${history.captures.length} followers, ${connections} connections`);
  return it.close();
}
