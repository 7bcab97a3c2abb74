import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { observer, type Postgres } from './postgres.ts';
import { Server, until } from './server.ts';

/**
 * A change of the primary. `waits`: while the second copy is made, commits wait for it; otherwise the new primary accepts them alone, as
 * Patroni does by default.
 */
export type ChangeRequest =
  /** The primary dies; after `downMs` the standby is promoted. */
  | { kind: 'failover'; downMs: number; waits: boolean }
  /** The primary is stopped and becomes the standby. For `misledMs` the address still leads to it. */
  | { kind: 'switchover'; misledMs: number; waits: boolean };

/** When the parts of a change were done, in ms since the epoch. */
export type ChangeTimes = {
  /** The old primary had ended. */
  goneAt: number;
  /** The standby accepted writes. */
  promotedAt: number;
  /** The address led to it. */
  ledAt: number;
  /** The second copy followed, and commits waited for it. */
  pairedAt: number;
};

export type ChangeListeners = {
  /** The standby of an asynchronous pair receives nothing anymore. The primary dies when this resolves. */
  onCutOff(): Promise<unknown>;
  /** The old primary has ended. */
  onGone(): void;
  /** The new one is about to accept writes. */
  onPromoting(): void;
  /** The address leads to the new primary. */
  onLed(): void;
  /** The second copy follows. The next change waits until it resolves. */
  onPaired(): Promise<unknown>;
};

export type Pair = Postgres & {
  /** The ports of both servers. */
  readonly ports: readonly number[];
  /** Waits for earlier changes, and until the second copy has everything. */
  change(request: ChangeRequest, listeners: ChangeListeners): Promise<ChangeTimes>;
  /** The number of sessions of the service on the standby. */
  sessionsOnStandby(): Promise<number>;
};

export type PairOptions = {
  /** Commits do not wait for the standby, and it is cut off before each failover. */
  asynchronous?: boolean;
};

const SYNCHRONOUS = 'synchronous_standby_names';

/** Two servers with streaming replication. A commit is acknowledged once both have it. */
export async function startPair(dir: string, { asynchronous = false }: PairOptions = {}): Promise<Pair> {
  const servers = [new Server(join(dir, 'a')), new Server(join(dir, 'b'))] as const;
  const pair = new Replication(servers, asynchronous);
  await pair.start();
  let turn: Promise<unknown> = Promise.resolve();
  /** One at a time: during a change there is one copy, and a second loss would rightly lose data. */
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const result = turn.then(act);
    turn = result.catch(() => {});
    return result;
  };
  const { query, snapshot, killBackends } = observer(() => pair.primary.url);
  return {
    url: pair.primary.url,
    get port() {
      return pair.address.port;
    },
    ports: servers.map(({ port }) => port),
    folders: servers.map(({ data }) => dirname(dirname(data))),
    crash: (downMs) => inTurn(() => pair.crash(downMs)),
    heal: () => inTurn(() => pair.heal()),
    query,
    snapshot,
    // A terminated commit is visible before the standby has it.
    killBackends: (share) => inTurn(() => killBackends(share)),
    change: (request, listeners) => inTurn(() => pair.change(request, listeners)),
    sessionsOnStandby: async () =>
      (await pair.standby.ask(`SELECT FROM pg_stat_activity WHERE application_name = 'errand'`)).length,
    stop: async () => void (await Promise.allSettled(servers.map((server) => server.stop()))),
  };
}

class Replication {
  primary: Server;
  standby: Server;
  /** The server to which the address of the database leads. */
  address: Server;
  readonly #asynchronous: boolean;

  constructor([primary, standby]: readonly [Server, Server], asynchronous: boolean) {
    this.primary = primary;
    this.standby = standby;
    this.address = primary;
    this.#asynchronous = asynchronous;
  }

  async start(): Promise<void> {
    await this.primary.start();
    await this.#renewStandby();
  }

  async crash(downMs: number): Promise<void> {
    this.primary.kill();
    await sleep(downMs);
    await this.primary.start();
  }

  async heal(): Promise<void> {
    await this.primary.start();
    this.address = this.primary;
    await this.#untilPaired().catch(() => this.#renewStandby());
  }

  async change(request: ChangeRequest, on: ChangeListeners): Promise<ChangeTimes> {
    // Commits that became visible by a crash may not be on the standby yet.
    await this.#untilPaired();
    const times = request.kind === 'failover' ? await this.#failOver(request, on) : await this.#switchOver(request, on);
    await on.onPaired();
    return times;
  }

  async #failOver({ downMs, waits }: { downMs: number; waits: boolean }, on: ChangeListeners): Promise<ChangeTimes> {
    if (this.#asynchronous) {
      await this.standby.set('primary_conninfo', '');
      await on.onCutOff();
    }
    this.primary.killAll();
    const goneAt = Date.now();
    on.onGone();
    await sleep(downMs);
    on.onPromoting();
    await this.#promote(waits);
    this.address = this.primary;
    const promotedAt = Date.now();
    on.onLed();
    await this.#renewStandby();
    return { goneAt, promotedAt, ledAt: promotedAt, pairedAt: Date.now() };
  }

  async #switchOver(
    { misledMs, waits }: { misledMs: number; waits: boolean },
    on: ChangeListeners,
  ): Promise<ChangeTimes> {
    await this.primary.stop();
    const goneAt = Date.now();
    on.onGone();
    on.onPromoting();
    await this.#promote(waits);
    const promotedAt = Date.now();
    const lead = () => {
      this.address = this.primary;
      on.onLed();
      return Date.now();
    };
    let ledAt = misledMs === 0 ? lead() : undefined;
    await this.standby.follow(this.primary);
    if (misledMs > 0) await sleep(misledMs);
    ledAt ??= lead();
    await this.#untilPaired();
    return { goneAt, promotedAt, ledAt, pairedAt: Date.now() };
  }

  async #promote(waits: boolean): Promise<void> {
    // Before the promotion: no commit may pass between it and the setting.
    await this.standby.set(SYNCHRONOUS, waits && !this.#asynchronous ? '*' : '');
    await this.standby.promote();
    [this.primary, this.standby] = [this.standby, this.primary];
  }

  async #renewStandby(): Promise<void> {
    await this.standby.stop().catch(() => {});
    await this.standby.copy(this.primary);
    await this.#untilPaired();
  }

  /** Resolves once the standby has everything that is committed now, and later commits wait for it. */
  async #untilPaired(): Promise<void> {
    if (!this.#asynchronous) await this.primary.set(SYNCHRONOUS, '*');
    const [now] = await this.primary.ask<{ lsn: string }>('SELECT pg_current_wal_flush_lsn()::text AS lsn');
    const followers = `SELECT FROM pg_stat_replication
      WHERE state = 'streaming' AND sync_state = '${this.#asynchronous ? 'async' : 'sync'}' AND flush_lsn >= '${now!.lsn}'::pg_lsn`;
    await until('the standby has everything', async () => (await this.primary.ask(followers)).length > 0);
  }
}
