import cluster, { type Worker } from 'node:cluster';
import { ExplainedError, LastingError, NO_RESTART_EXIT } from '@errand/basics/explained-error';
import type { Log } from '@errand/ports/log';
import { Deferred } from './deferred.ts';
import { GroupMetrics } from './group-metrics.ts';
import type { StartOrder, ToProcess, ToSupervisor } from './messages.ts';
import { Relay } from './relay.ts';

/** Delay before a process is started again, in ms: it doubles with each end of a short life. */
const MIN_RESTART_MS = 100;
const MAX_RESTART_MS = 10_000;
/** A process that lived longer begins with the shortest delay again, in ms. */
const LONG_LIFE_MS = 30_000;
/** A leader without a sign of life for this time is replaced, in ms. */
const SILENT_MS = 5000;
const CHECK_MS = 1000;
/** Time for the processes to stop after their lame duck time, in ms; then they are killed. */
const STOP_MS = 28_000;

type Child = { id: number; slot: number; worker: Worker; startedAt: number; aliveAt: number; isReady: boolean };

export type Started = { pid: number; url: string | undefined; memoryBytes: number };

/** How the processes of a group start. */
export type GroupOptions = {
  count: number;
  /** How long each process serves requests when it stops, in ms. */
  lameDuckMs: number;
  log: Log;
  order: Omit<StartOrder, 'kind' | 'count' | 'bootstraps'>;
};

/** The processes of a supervisor. It starts each of them again when it ends, unless each further start would end in the same way. */
export class ProcessGroup {
  readonly #children = new Map<number, Child>();
  readonly #relay = new Relay();
  readonly #metrics = new GroupMetrics();
  readonly #failures = new Map<number, number>();
  readonly #restarts = new Map<number, NodeJS.Timeout>();
  readonly #started = new Map<number, Started>();
  readonly #ready = new Deferred();
  readonly #allStarted = new Deferred();
  readonly #empty = new Deferred();
  readonly #refused = new Deferred<never>();
  readonly #refusedSlots = new Set<number>();
  #bootstrapped: { apiKey?: string | undefined } | undefined;
  #mayListen = false;
  #isStopping = false;
  #lastId = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(private readonly options: GroupOptions) {}

  /** Starts all processes. @returns the key of the first workspace @throws ExplainedError if one ends with an error before all are ready */
  async start(): Promise<string | undefined> {
    for (let slot = 0; slot < this.options.count; slot++) this.#fork(slot);
    this.#watch = setInterval(() => this.#watchLeader(), CHECK_MS).unref();
    await this.#ready.promise;
    return this.#bootstrapped?.apiKey;
  }

  /** Lets all processes listen. @returns one entry for each */
  async listen(): Promise<Started[]> {
    this.#mayListen = true;
    for (const child of this.#children.values()) if (child.isReady) send(child.worker, { kind: 'listen' });
    await this.#allStarted.promise;
    return [...this.#started.values()];
  }

  /** Stops all processes, and kills the ones that do not stop in time. @param how `atOnce`: without a lame duck time */
  async stop({ atOnce }: { atOnce: boolean }): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#watch);
    for (const timer of this.#restarts.values()) clearTimeout(timer);
    if (this.#children.size === 0) return;
    for (const { worker } of this.#children.values()) send(worker, { kind: 'stop', atOnce });
    const kill = setTimeout(() => this.kill(), STOP_MS + (atOnce ? 0 : this.options.lameDuckMs));
    await this.#empty.promise;
    clearTimeout(kill);
  }

  /** Rejects when no process is left, and none can be started again. */
  get refused(): Promise<never> {
    return this.#refused.promise;
  }

  /** The metrics of all processes. */
  readonly metricsText = (): Promise<string> => this.#metrics.text();

  /** Ends all processes at once, also frozen ones. */
  kill(): void {
    for (const { worker } of this.#children.values()) worker.process.kill('SIGKILL');
  }

  #fork(slot: number): void {
    const id = ++this.#lastId;
    const worker = cluster.fork();
    const now = performance.now();
    const child: Child = { id, slot, worker, startedAt: now, aliveAt: now, isReady: false };
    this.#children.set(id, child);
    worker.on('message', (message: ToSupervisor) => this.#receive(child, message));
    // A channel breaks when its process is killed; its exit is reported anyway.
    worker.on('error', () => {});
    worker.once('exit', (code: number | null, signal: string | null) => this.#onExit(child, code, signal));
  }

  #receive(child: Child, message: ToSupervisor): void {
    const { id, worker } = child;
    child.aliveAt = performance.now();
    switch (message.kind) {
      case 'hello':
        this.#welcome(child);
        break;
      case 'ready':
        this.#onReady(child, message.apiKey);
        break;
      case 'started': {
        const { url, memoryBytes } = message;
        this.#started.set(child.slot, { pid: worker.process.pid!, url, memoryBytes });
        if (this.#started.size === this.options.count) this.#allStarted.resolve();
        break;
      }
      case 'frames':
        this.#relay.pass(id, message.frames);
        break;
      case 'lost':
        this.#relay.reportLost(id);
        break;
      case 'measured':
        this.#metrics.receive(id, message.scrape, message.metrics);
        break;
      case 'scrape':
        void this.#answerScrape(worker, message.scrape);
    }
  }

  #welcome(child: Child): void {
    const { count, order } = this.options;
    // It could not receive the order to stop, and holds nothing yet.
    if (this.#isStopping) child.worker.process.kill('SIGKILL');
    else send(child.worker, { kind: 'start', count, ...order, bootstraps: this.#bootstraps(child) });
  }

  async #answerScrape(worker: Worker, scrape: number): Promise<void> {
    const text = await this.#metrics.text().catch(() => undefined);
    if (text !== undefined) send(worker, { kind: 'metrics', scrape, text });
  }

  #bootstraps = ({ slot }: Child): boolean => slot === 0 && this.#bootstrapped === undefined;

  #onReady(child: Child, apiKey: string | undefined): void {
    if (this.#bootstraps(child)) this.#bootstrapped = { apiKey };
    child.isReady = true;
    this.#relay.add(child.id, { send: (message, onSent) => send(child.worker, message, onSent) });
    this.#metrics.add(child.id, (message) => send(child.worker, message));
    if (this.#mayListen) send(child.worker, { kind: 'listen' });
    const ready = [...this.#children.values()].filter(({ isReady }) => isReady);
    if (ready.length === this.options.count) this.#ready.resolve();
  }

  #onExit(child: Child, code: number | null, signal: string | null): void {
    const { id } = child;
    this.#children.delete(id);
    this.#relay.remove(id);
    this.#metrics.remove(id);
    if (this.#isStopping) {
      if (this.#children.size === 0) this.#empty.resolve();
      return;
    }
    if (!this.#mayListen && !child.isReady && code !== null && code !== 0) {
      const error = new ExplainedError(`One of ${this.options.count} processes could not start; see its message.`);
      this.#ready.reject(error);
      return;
    }
    if (code === NO_RESTART_EXIT) this.#onRefused(child);
    else this.#restart(child, code, signal);
  }

  #onRefused({ slot, worker }: Child): void {
    const { count, log } = this.options;
    log.error({ pid: worker.process.pid }, 'A process refused to start, so it is not started again. See its message.');
    const error = new LastingError('Each process refused to start again; see their messages.');
    this.#allStarted.reject(error);
    if (this.#refusedSlots.add(slot).size === count) this.#refused.reject(error);
  }

  #restart({ slot, worker, startedAt }: Child, code: number | null, signal: string | null): void {
    const livedMs = performance.now() - startedAt;
    const failures = livedMs > LONG_LIFE_MS ? 0 : (this.#failures.get(slot) ?? 0);
    this.#failures.set(slot, failures + 1);
    const afterMs = Math.min(MAX_RESTART_MS, MIN_RESTART_MS * 2 ** failures);
    const cause = signal ? `by ${signal}` : `with code ${code}`;
    const details = { pid: worker.process.pid, code, signal, livedMs: Math.round(livedMs), afterMs };
    this.options.log.warn(details, `A process ended ${cause}; another one is started.`);
    this.#restarts.set(
      slot,
      setTimeout(() => this.#fork(slot), afterMs),
    );
  }

  // A frozen process cannot resign.
  #watchLeader(): void {
    const leader = this.#relay.leader === undefined ? undefined : this.#children.get(this.#relay.leader);
    if (!leader || performance.now() - leader.aliveAt < SILENT_MS) return;
    this.#relay.replaceLeader();
  }
}

function send(worker: Worker, message: ToProcess, onSent: () => void = () => {}): void {
  if (!worker.isConnected()) return;
  worker.process.send!(message, undefined, undefined, onSent);
}
