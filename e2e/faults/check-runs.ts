// Checks of runs and their events.
import { type Evidence, groupBy, terminal } from './evidence.ts';
import { before } from './plans.ts';
import { Case, type Verdict } from './verdict.ts';

/** How long after the end of all faults a run may take, in ms. */
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
    const own = events.get(runId) ?? [];
    const ends = own.filter(({ type }) => type === 'end').length;
    it.expect(
      terminal.includes(status),
      () => `${errand} ${runId} is ${status} still, ${quietMs} ms after all was healed`,
    );
    it.expect(
      ends === 1 && own.at(-1)!.type === 'end',
      () => `${errand} ${runId} has ${ends} ends; its last event is ${own.at(-1)?.type}`,
    );
    const lastStatus = own.at(-1)?.data.runStatus;
    it.expect(
      lastStatus === undefined || lastStatus === status,
      () => `${errand} ${runId} is ${status}, and its end says ${lastStatus}`,
    );
  }
  it.note(`quiet ${(quietMs / 1000).toFixed(1)} s after healing`);
  return it.close();
}

/** When each step ended, and each uncertain effect was asked about. A step ends once. */
function stepsIn(it: Case, what: string, own: Evidence['facts']['events']) {
  const ended = new Map<string, number>();
  const asked = new Map<string, number>();
  for (const { seq: at, type, data } of own) {
    const step =
      type === 'step'
        ? (data.step as { stepId: string; effectId?: string; approval?: string; reason?: string })
        : undefined;
    if (!step || step.reason === 'The run was cancelled during the call.') continue;
    if (step.effectId !== undefined) {
      asked.set(step.effectId, at);
      continue;
    }
    if (step.approval === 'PENDING') continue;
    it.expect(
      !ended.has(step.stepId),
      () => `${what} tells the end of step ${step.stepId} at ${ended.get(step.stepId)} and at ${at}`,
    );
    ended.set(step.stepId, at);
  }
  return { ended, asked };
}

/** The log of a run has no gaps and no duplicates, and is in the order in which things happened. */
export function logsAreWhole({ errands, facts }: Evidence): Verdict {
  const it = new Case(
    'I2',
    'events are numbered 1..n without gaps, each step has one event, causes come before effects',
  );
  const events = groupBy(facts.events, ({ runId }) => runId);
  const shapes = new Map(errands.map(({ name, shape }) => [name, shape]));
  for (const { errand, runId, seq, status } of facts.runs) {
    const own = events.get(runId) ?? [];
    const what = `${errand} ${runId}`;
    it.expect(
      own.length === seq && own.every((event, i) => event.seq === i + 1),
      () => `${what} has numbers ${own.map((e) => e.seq)}, its row says ${seq}`,
    );
    it.expect(
      own.every(({ at }, i) => i === 0 || own[i - 1]!.at <= at),
      () => `${what} goes back in time`,
    );
    const starts = own.filter(({ type }) => type === 'start');
    it.expect(
      starts.length === 1 ? own[0]!.type === 'start' : starts.length === 0 && status === 'CANCELED',
      () => `${what} has ${starts.length} starts`,
    );

    const { ended, asked } = stepsIn(it, what, own);
    for (const [earlier, later] of before[shapes.get(errand) ?? 'reads']) {
      const at = ended.get(later);
      if (at === undefined) continue;
      it.expect(
        (ended.get(earlier) ?? Number.POSITIVE_INFINITY) < at,
        () => `${what} tells ${later} before ${earlier}`,
      );
    }
    const requests = facts.effectRequests.filter((request) => request.runId === runId);
    for (const { effectId } of requests)
      it.expect(asked.has(effectId), () => `${what} has no event of its request ${effectId}`);
  }
  return it.close();
}

// Links to decisions begin with the origin of the process that shows them.
const withoutOrigin = (text: string): string => text.replaceAll(/http:\/\/127\.0\.0\.1:\d+(?=\/v1\/)/g, '');

/** Each follower sees the log, whatever happens to its connections. */
export function followersSeeAll({ history, facts, listed }: Evidence): Verdict {
  const it = new Case('I5', "each SSE and tRPC follower has seen exactly the table's sequence");
  const events = groupBy(facts.events, ({ runId }) => runId);
  for (const [runId, list] of listed) {
    const own = events.get(runId) ?? [];
    it.expect(
      list.length === own.length && list.every((event, i) => event.seq === own[i]!.seq && event.type === own[i]!.type),
      () => `${runId} is listed with ${list.length} events, the table has ${own.length}`,
    );
  }
  let connections = 0;
  for (const { runId, over, events: seen, complete, connections: n } of history.captures) {
    connections += n;
    const list = listed.get(runId) ?? [];
    it.expect(complete, () => `a ${over} follower of ${runId} never received its end (it has ${seen.length} events)`);
    if (!complete) continue;
    it.expect(
      seen.length === list.length && seen.every(({ seq }, i) => seq === i + 1),
      () => `a ${over} follower of ${runId} has seen ${seen.map((e) => e.seq)} of ${list.length}`,
    );
    const other = seen.find(
      ({ data }, i) => list[i] && withoutOrigin(JSON.stringify(JSON.parse(data))) !== withoutOrigin(list[i].text),
    );
    it.expect(
      other === undefined,
      () => `a ${over} follower of ${runId} has seen another event ${other!.seq} than is listed: ${other!.data}`,
    );
  }
  it.note(`${history.captures.length} followers, ${connections} connections`);
  return it.close();
}
