import { problem } from '@errand/contracts';
import type { RequestTurn } from '../context.ts';

/** Main-thread time of the requests in progress, in estimated ms, from which on further ones wait. */
const IN_PROGRESS_MS = 25;
/** Estimates of the main-thread time of a request, for each of its calls and each KiB of its body. */
const MS_PER_CALL = 0.5;
const MS_PER_KIB = 0.1;
/** Maximum that waits of one workspace in this process. */
const MAX_WAITING = 200;
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/** A request that lasts longer waits for something other than the main thread, and no longer delays others. */
const MAX_TURN_MS = 250;
const SWEEP_MS = 50;

/** The size of a request: the calls of a batch, and the bytes of the body. */
export type RequestSize = { calls: number; bytes: number };

type Tenant = {
  /** Virtual time at which the main thread has done the tenant's requests, if it does only its share. */
  finish: number;
  inProgress: number;
  waiting: { start: number; size: RequestSize; admit: () => void }[];
  waitingBytes: number;
};

type OpenTurn = { tenant: Tenant; ms: number; since: number };

/**
 * Serves the requests of workspaces in turns, by the time of the main thread that they use (start-time fair queueing). While the main
 * thread has capacity, none waits. Each workspace may always have one request in progress.
 */
export class RequestTurns {
  readonly #tenants = new Map<string, Tenant>();
  readonly #open = new Set<OpenTurn>();
  #inProgressMs = 0;
  #waiting = 0;
  /** The start of the latest request, in virtual time. */
  #now = 0;
  #sweeper: NodeJS.Timeout | undefined;

  /** The turn of one request. It ends with the request, if not before. */
  of(size: RequestSize, onClosed: (then: () => void) => void): RequestTurn {
    let entered: ReturnType<RequestTurns['enter']> | undefined;
    let end: (() => void) | undefined;
    let hasEnded = false;
    const endTurn = () => {
      hasEnded = true;
      end?.();
    };
    const begun = (endOfTurn: () => void) => {
      end = endOfTurn;
      if (hasEnded) end();
    };
    return {
      begin: (workspaceId) => {
        if (entered === undefined) {
          entered = this.enter(workspaceId, size);
          onClosed(endTurn);
          if (!(entered instanceof Promise)) begun(entered);
        }
        if (entered instanceof Promise) return entered.then(begun);
      },
      end: endTurn,
    };
  }

  /**
   * Waits for the turn of a request.
   * @returns a function that ends the turn, where a second call does nothing; a promise only if the request must wait
   * @throws ProblemError rate_limited, if too many requests of the workspace wait
   */
  enter(workspaceId: string, size: RequestSize): (() => void) | Promise<() => void> {
    const tenant = this.#tenantOf(workspaceId);
    const ms = msOf(size);
    if (tenant.inProgress === 0 || (this.#waiting === 0 && this.#inProgressMs < IN_PROGRESS_MS)) {
      this.#now = startOf(tenant, this.#now);
      tenant.finish = this.#now + ms;
      return this.#begin(tenant, ms);
    }
    if (tenant.waiting.length >= MAX_WAITING || tenant.waitingBytes + size.bytes > MAX_WAITING_BYTES)
      throw tooManyRequests();
    const start = startOf(tenant, this.#now);
    tenant.finish = start + ms;
    tenant.waitingBytes += size.bytes;
    this.#waiting++;
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
    return new Promise((resolve) => {
      tenant.waiting.push({ start, size, admit: () => resolve(this.#begin(tenant, ms)) });
    });
  }

  close(): void {
    clearInterval(this.#sweeper);
  }

  #tenantOf(workspaceId: string): Tenant {
    let tenant = this.#tenants.get(workspaceId);
    if (!tenant) {
      // Without requests in progress, what was used before no longer matters.
      if (this.#open.size === 0) this.#tenants.clear();
      tenant = { finish: 0, inProgress: 0, waiting: [], waitingBytes: 0 };
      this.#tenants.set(workspaceId, tenant);
    }
    return tenant;
  }

  #begin(tenant: Tenant, ms: number): () => void {
    const turn = { tenant, ms, since: performance.now() };
    this.#open.add(turn);
    tenant.inProgress++;
    this.#inProgressMs += ms;
    return () => this.#end(turn);
  }

  #end(turn: OpenTurn): void {
    if (!this.#open.delete(turn)) return;
    turn.tenant.inProgress--;
    this.#inProgressMs = this.#open.size === 0 ? 0 : this.#inProgressMs - turn.ms;
    if (this.#waiting > 0) this.#admit();
  }

  #admit(): void {
    for (let tenant = this.#next(); tenant; tenant = this.#next()) {
      const { start, size, admit } = tenant.waiting.shift()!;
      tenant.waitingBytes -= size.bytes;
      this.#waiting--;
      this.#now = Math.max(this.#now, start);
      admit();
    }
    if (this.#waiting > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  /** The tenant of the next request that may begin: the one that used the least. */
  #next(): Tenant | undefined {
    let next: Tenant | undefined;
    for (const tenant of this.#tenants.values()) {
      const [first] = tenant.waiting;
      if (!first || (tenant.inProgress > 0 && this.#inProgressMs >= IN_PROGRESS_MS)) continue;
      if (!next || first.start < next.waiting[0]!.start) next = tenant;
    }
    return next;
  }

  #sweep(): void {
    const before = performance.now() - MAX_TURN_MS;
    for (const turn of this.#open) {
      if (turn.since > before) break;
      this.#end(turn);
    }
  }
}

const msOf = ({ calls, bytes }: RequestSize): number => calls * MS_PER_CALL + (bytes / 1024) * MS_PER_KIB;

const startOf = ({ finish }: Tenant, now: number): number => Math.max(finish, now);

export const tooManyRequests = () =>
  problem('rate_limited', 'Too many requests of this workspace are in progress.', {
    remedy: 'Send fewer requests at once, and try again after `Retry-After`.',
    values: { retryAfterSeconds: 1 },
    headers: { 'retry-after': '1' },
  });
