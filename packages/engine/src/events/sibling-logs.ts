import type { RunStatus } from '@errand/contracts';
import type { EventRow } from '@errand/db';
import type { Siblings } from '@errand/ports/siblings';
import type { PublishedEvent, RunRef } from '../model/transition.ts';
import type { FirstPage } from './channel.ts';

/** How long a stream waits for the logs of siblings before it reads Postgres, in ms. */
const ANSWER_MS = 250;
/** UTF-16 units of a line; followers of larger events read Postgres. */
const MAX_LINE = 64 * 1024;
const FIELDS_OF_EVENT = 5;
const MAX_SHARED_RUNS = 1000;

export type SiblingLogsDeps = {
  siblings: Siblings;
  /** The whole log of a run that this process writes, if it is in memory. */
  recentLog: (run: RunRef) => FirstPage | undefined;
  /** Shows events of a sibling to the followers of a run here. @returns false if there are none */
  deliver: (run: RunRef, rows: readonly PublishedEvent[]) => boolean;
  /** Lets the followers of a run here read Postgres. */
  refresh: (run: RunRef) => void;
  /** A sibling wrote a run that it did not write alone, so the log of this process is out of date. */
  onWritten: (runId: string) => void;
  /** Lines of a sibling may be missing. */
  onMissed: () => void;
  /** A sibling reports that runs are due. @param hops how many siblings may be asked next */
  onDue: (hops: number) => void;
};

/** A run with followers here. `pending`: siblings that have not confirmed yet that they send its events. */
type FollowedRun = {
  run: RunRef;
  pending: Set<number>;
  log: FirstPage | undefined;
  /** Whether followers need earlier events once all siblings have confirmed: they may have read Postgres too early. */
  mustRefresh: boolean;
  askedAt: number;
  waiting: ((log: FirstPage | undefined) => void)[];
};

const keyOf = ({ workspaceId, runId }: RunRef): string => `${workspaceId}\t${runId}`;

/**
 * Shows the events of siblings to streams of this process without Postgres. A process with a follower asks its siblings once for the
 * events of the run; the one that writes it answers with its log, and sends each later event. A lost line leaves a gap in the numbers,
 * or is reported as lost; then followers read Postgres.
 */
export class SiblingLogs {
  readonly #followed = new Map<string, FollowedRun>();
  /** The siblings that follow a run. */
  readonly #followers = new Map<string, Set<number>>();
  /** Runs with events of this process and others, the newest last: the log of a sibling may lack the events of this process. */
  readonly #sharedRuns = new Set<string>();
  /** Siblings that did not answer in time: no stream waits for them until they send something. */
  readonly #silent = new Set<number>();

  constructor(private readonly deps: SiblingLogsDeps) {
    deps.siblings.listen({
      onLines: (from, lines) => {
        for (const line of lines) this.#receive(from, line);
      },
      onJoined: (id) => this.#onJoined(id),
      onGone: (id) => this.#onGone(id),
      onLost: (from) => this.#onLost(from),
    });
  }

  /** Sends events of this process to the siblings that follow the run. @param isOnlyWriter whether it wrote all events of the run */
  publish(run: RunRef, rows: readonly PublishedEvent[], isOnlyWriter: boolean): void {
    const key = keyOf(run);
    if (!isOnlyWriter) this.#reportShared(key);
    const followers = this.#followers.get(key);
    if (!followers) return;
    const line = eventsLine('e', key, '', rows) ?? `r\t${key}`;
    for (const id of followers) this.deps.siblings.send(id, line);
    if (rows.at(-1)?.type === 'end') this.#followers.delete(key);
  }

  #reportShared(key: string): void {
    this.#sharedRuns.delete(key);
    this.#sharedRuns.add(key);
    if (this.#sharedRuns.size > MAX_SHARED_RUNS) this.#sharedRuns.delete(this.#sharedRuns.values().next().value!);
    for (const id of this.deps.siblings.ids()) this.deps.siblings.send(id, `w\t${key}`);
  }

  /** Follows a run, and resolves with its log if a sibling has it in memory; with undefined if Postgres must be read. */
  open(run: RunRef): Promise<FirstPage | undefined> | undefined {
    const followed = this.#follow(run, false);
    if (this.#mayResolve(followed)) return undefined;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        for (const id of followed.pending) this.#silent.add(id);
        followed.mustRefresh = true;
        resolve(undefined);
      }, ANSWER_MS).unref();
      followed.waiting.push((log) => {
        clearTimeout(timer);
        resolve(log);
      });
    });
  }

  /** Called when a sibling has announced through Postgres that it wrote a run with followers here. */
  onWritten(run: RunRef): void {
    const followed = this.#followed.get(keyOf(run));
    if (!followed) this.#follow(run, true);
    // Later events come from the sibling. A request without an answer may be lost.
    else if (followed.pending.size > 0 && performance.now() - followed.askedAt > ANSWER_MS) this.deps.refresh(run);
  }

  /** Called when the last follower of a run here has left. */
  close(run: RunRef): void {
    const key = keyOf(run);
    const followed = this.#followed.get(key);
    if (!followed) return;
    this.#followed.delete(key);
    for (const resolve of followed.waiting) resolve(undefined);
    for (const id of this.deps.siblings.ids()) this.deps.siblings.send(id, `u\t${key}`);
  }

  /** Asks one sibling to claim due runs. @returns false without siblings */
  passDue(hops = this.deps.siblings.ids().length): boolean {
    const ids = this.deps.siblings.ids();
    if (hops <= 0 || ids.length === 0) return false;
    this.deps.siblings.send(ids[this.#nextDue++ % ids.length]!, `d\t${hops - 1}`);
    return true;
  }
  #nextDue = 0;

  #follow(run: RunRef, mustRefresh: boolean): FollowedRun {
    const key = keyOf(run);
    const ids = this.deps.siblings.ids();
    const followed: FollowedRun = this.#followed.get(key) ?? {
      run,
      pending: new Set(),
      log: undefined,
      mustRefresh,
      askedAt: 0,
      waiting: [],
    };
    followed.askedAt = performance.now();
    this.#followed.set(key, followed);
    followed.log = undefined;
    for (const id of ids) {
      followed.pending.add(id);
      this.deps.siblings.send(id, `f\t${key}`);
    }
    return followed;
  }

  #receive(from: number, line: string): void {
    this.#silent.delete(from);
    const [kind, workspaceId = '', runId = '', status, ...fields] = line.split('\t');
    const run = { workspaceId, runId };
    if (kind === 'f') this.#onFollower(from, run);
    else if (kind === 'u') this.#removeFollower(from, keyOf(run));
    else if (kind === 'l') this.#onAnswer(from, run, { status: status as RunStatus, rows: rowsOf(fields) });
    else if (kind === 'n') this.#onAnswer(from, run, undefined);
    else if (kind === 'r') this.deps.refresh(run);
    else if (kind === 'w') this.deps.onWritten(runId);
    else if (kind === 'x') this.#followAgain();
    else if (kind === 'd') this.deps.onDue(Number(workspaceId));
    else if (!this.deps.deliver(run, rowsOf(fields))) this.deps.siblings.send(from, `u\t${keyOf(run)}`);
  }

  #onFollower(from: number, run: RunRef): void {
    const key = keyOf(run);
    const followers = this.#followers.get(key);
    if (followers) followers.add(from);
    else this.#followers.set(key, new Set([from]));
    const log = this.deps.recentLog(run);
    this.deps.siblings.send(from, (log && eventsLine('l', key, log.head.status, log.rows)) ?? `n\t${key}`);
    if (!log && this.#sharedRuns.has(key)) this.deps.siblings.send(from, `r\t${key}`);
  }

  #removeFollower(from: number, key: string): void {
    const followers = this.#followers.get(key);
    if (followers?.delete(from) && followers.size === 0) this.#followers.delete(key);
  }

  #onAnswer(from: number, run: RunRef, log: { status: RunStatus; rows: EventRow[] } | undefined): void {
    const followed = this.#followed.get(keyOf(run));
    if (!followed?.pending.has(from)) return;
    if (log) {
      const { status, rows } = log;
      followed.log = { head: { seq: rows.length, status }, rows, hasMore: false };
      // Only one process writes a run, so the other answers are not needed.
      this.#resolve(followed);
      if (followed.mustRefresh) this.deps.deliver(run, rows);
      followed.mustRefresh = false;
    }
    this.#confirm(followed, from);
  }

  #confirm(followed: FollowedRun, id: number): void {
    if (!followed.pending.delete(id) || !this.#mayResolve(followed)) return;
    this.#resolve(followed);
    if (followed.pending.size > 0) return;
    if (followed.mustRefresh) this.deps.refresh(followed.run);
    followed.mustRefresh = false;
  }

  /** Whether a stream of the run need not wait for more answers. */
  #mayResolve(followed: FollowedRun): boolean {
    const isComplete = [...followed.pending].every((id) => this.#silent.has(id));
    if (isComplete && followed.pending.size > 0) followed.mustRefresh = true;
    return isComplete;
  }

  #resolve(followed: FollowedRun): void {
    for (const resolve of followed.waiting.splice(0)) resolve(followed.log);
  }

  #onJoined(id: number): void {
    for (const [key, followed] of this.#followed) {
      followed.pending.add(id);
      followed.mustRefresh = true;
      this.deps.siblings.send(id, `f\t${key}`);
    }
  }

  // Its last events may not have arrived.
  #onGone(id: number): void {
    this.deps.onMissed();
    this.#silent.delete(id);
    for (const key of [...this.#followers.keys()]) this.#removeFollower(id, key);
    for (const followed of [...this.#followed.values()]) {
      this.#confirm(followed, id);
      this.deps.refresh(followed.run);
    }
  }

  // The lost lines may be events, or requests to follow a run.
  #onLost(from: number): void {
    this.deps.onMissed();
    for (const key of [...this.#followers.keys()]) this.#removeFollower(from, key);
    this.deps.siblings.send(from, 'x');
    this.#followAgain();
  }

  #followAgain(): void {
    for (const { run } of [...this.#followed.values()]) {
      this.#follow(run, true).mustRefresh = true;
      this.deps.refresh(run);
    }
  }
}

/** A line with events: `<kind> <workspace> <run> <status> (<seq> <type> <ms> <calls> <data>)…`; undefined when they do not fit. */
function eventsLine(kind: 'e' | 'l', key: string, status: string, rows: readonly EventRow[]): string | undefined {
  const fields = [kind, key, status];
  for (const { seq, type, createdAt, toolCalls, data } of rows) {
    // A text from elsewhere may have line breaks between its parts.
    if (/[\t\n]/.test(data) || (toolCalls !== null && /[\t\n]/.test(toolCalls))) return undefined;
    fields.push(String(seq), type, String(createdAt.getTime()), toolCalls ?? '', data);
  }
  const line = fields.join('\t');
  return line.length > MAX_LINE ? undefined : line;
}

function rowsOf(fields: readonly string[]): EventRow[] {
  const rows: EventRow[] = [];
  for (let i = 0; i + FIELDS_OF_EVENT <= fields.length; i += FIELDS_OF_EVENT) {
    const [seq, type = '', ms, calls = '', data = ''] = fields.slice(i, i + FIELDS_OF_EVENT);
    rows.push({ seq: Number(seq), type, data, toolCalls: calls || null, createdAt: new Date(Number(ms)) });
  }
  return rows;
}
