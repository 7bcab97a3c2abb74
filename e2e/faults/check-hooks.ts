import { type Evidence, groupBy, terminal } from './evidence.ts';
import { Case, type Verdict } from './verdict.ts';

const waiting = ['PAUSED', 'AUTH_REQUIRED'];

/** The type of the message about an event that does not end its run. */
function messageOf({ type, data }: Evidence['facts']['events'][number]): string | undefined {
  if (type === 'start') return 'run.started';
  return type === 'status' && waiting.includes(String(data.runStatus)) ? 'run.waiting' : undefined;
}

/** Each event is delivered at least once, under one id. */
export function eventsAreTold({ facts, posts, readAt, besides }: Evidence): Verdict {
  const it = new Case(
    'I13',
    'each start, rest and end of a run is told once in the outbox and taken at least once by its receiver, signed, with the same id and body in each attempt',
  );
  const messages = groupBy(facts.messages, ({ runId }) => runId ?? '');
  for (const { runId, status } of [...facts.runs, ...facts.scheduled]) {
    if (!terminal.includes(status)) continue;
    const ends = (messages.get(runId) ?? []).filter(({ type }) => type === 'run.end').length;
    it.expect(ends === 1, () => `the end of ${runId} has ${ends} messages`);
  }
  for (const event of facts.events) {
    const expected = messageOf(event);
    if (!expected) continue;
    const { runId, seq, type, at } = event;
    const count = (messages.get(runId) ?? []).filter(
      (message) => message.type === expected && message.seq === seq,
    ).length;
    // The last release has no message of a start.
    const isUntold = type === 'start' && count === 0 && besides.some(({ from, to }) => from <= at && at <= to);
    it.expect(count === 1 || isUntold, () => `event ${seq} of ${runId} has ${count} messages ${expected}`);
  }
  const arrived = groupBy(posts, ({ id }) => id);
  for (const { id, type, runId } of facts.messages) {
    const posts = arrived.get(id) ?? [];
    it.expect(
      posts.some(({ taken }) => taken),
      () => `${type} of ${runId} (${id}) was posted ${posts.length} times and never taken`,
    );
    it.expect(new Set(posts.map(({ body }) => body)).size <= 1, () => `${id} was posted with different bodies`);
  }
  const messageIds = new Set(facts.messages.map(({ id }) => id));
  for (const { at, id, signed, type } of posts) {
    it.expect(messageIds.has(id) || at > readAt, () => `${type} was posted as ${id}, which is no message`);
    it.expect(signed, () => `${id} is not signed by the webhook's secret`);
  }
  it.note(`${facts.messages.length} messages, ${posts.length} posts`);
  return it.close();
}

/** Each time of a schedule has at most one run, and is not skipped. */
export function timesHaveOneRun({ facts }: Evidence): Verdict {
  const it = new Case('I25', 'each time of a schedule has at most one run, which names it; no time is left unserved');
  const minute = (at: number) => Math.round(at / 60_000);
  for (const [key, runs] of groupBy(facts.scheduled, ({ name, at }) => `${name} at ${minute(at)}`))
    it.expect(runs.length === 1, () => `${key} has ${runs.length} runs`);
  for (const { name, unserved } of facts.schedules) {
    it.expect(!unserved, () => `${name} has an unserved time`);
    const runsOfSchedule = facts.scheduled.filter((run) => run.name === name);
    it.expect(runsOfSchedule.length > 0, () => `${name} has no run, although its times were due`);
  }
  it.note(`${facts.scheduled.length} runs of ${facts.schedules.length} schedules`);
  return it.close();
}
