import { type Awaitable, chain, isPromise } from '@errand/basics/awaitable';
import type { Rules, ToolOutcome } from '@errand/contracts';
import {
  type AnnouncedPause,
  type CallEnd,
  type CallPause,
  type Db,
  PAUSE_CHANNEL,
  readPauses,
  type StoredPause,
  storePause,
  takeCalls,
} from '@errand/db';
import { type Failure, failure } from '@errand/integrations';
import type { CallPauses } from '@errand/ports/call-pauses';
import { KnownPauses, type Probe } from './known-pauses.ts';
import { Outages } from './outages.ts';
import { Quotas } from './quotas.ts';

/** The pause after a limit without a stated end, and the longest one that grows from it, in ms. */
const [FIRST_LIMIT_MS, MAX_GROWN_LIMIT_MS] = [1_000, 60_000];
const MIN_LIMIT_MS = 250;
/** The longest pause, in ms, whatever a service or a notification states. */
const MAX_PAUSE_MS = 3_600_000;
/** The first pause of an outage and the longest one, in ms: each failed try doubles it. */
const [FIRST_OUTAGE_MS, MAX_OUTAGE_MS] = [5_000, 60_000];

/** A call that may have to wait. `userId`: empty if its credential is not of a user. */
export type GatedCall = {
  workspaceId: string;
  customerIntegrationId: string;
  integrationName: string;
  toolName: string;
  origin: string;
  userId: string;
  limits: Rules['limits'];
};

type GateDeps = {
  pool: Db['pool'];
  onEnd: (end: CallEnd) => void;
  /** Called when the database fails. */
  onFailure: (error: unknown) => void;
  /** The monotonic clock, in ms. */
  now?: () => number;
};

type BegunProbe = { pause: CallPause; probe: Probe };

/**
 * Lets calls pass unless their service limits requests or fails. Pauses are shared by all processes: they are stored when they begin, and
 * known in memory, so that a call without a pause needs no statement.
 */
export class CallGate implements CallPauses {
  readonly channel = PAUSE_CHANNEL;
  readonly #now: () => number;
  /** Added to the clock of this process, gives database time. Until it is read, the clocks of both machines count as equal. */
  #databaseAheadMs: number;
  readonly #pauses: KnownPauses;
  readonly #outages: Outages;
  readonly #quotas: Quotas;

  constructor(private readonly deps: GateDeps) {
    const { pool, onFailure, now = () => performance.now() } = deps;
    this.#now = now;
    this.#databaseAheadMs = Date.now() - now();
    this.#pauses = new KnownPauses(now);
    this.#outages = new Outages(now);
    this.#quotas = new Quotas((key, maxCalls, quota) => takeCalls(pool, key, maxCalls, quota), onFailure, now);
  }

  /** Makes a call and notes its end, or returns a failure if it must wait. */
  run(call: GatedCall, make: () => Awaitable<ToolOutcome>): Awaitable<ToolOutcome> {
    const paused = this.#refusePaused(call);
    if (paused) return paused;
    const quotaWait = this.#quotaWaitMs(call);
    // A pause may have begun, or another call may have become the probe, while this call waited for its share.
    return chain(quotaWait, (waitMs) => {
      if (waitMs > 0) return refusal(call, 'limit', waitMs);
      return (isPromise(quotaWait) ? this.#refusePaused(call) : undefined) ?? this.#make(call, make);
    });
  }

  #make(call: GatedCall, make: () => Awaitable<ToolOutcome>): Awaitable<ToolOutcome> {
    const probes = pausesOf(call).flatMap((pause) => {
      const probe = this.#pauses.begin(keyOf(pause));
      return probe ? [{ pause, probe }] : [];
    });
    const end = (outcome: ToolOutcome): ToolOutcome => {
      this.#noteEnd(call, probes, outcome);
      return outcome;
    };
    const giveUp = (error: unknown): never => {
      this.#giveUp(probes);
      throw error;
    };
    try {
      const made = make();
      return isPromise(made) ? made.then(end, giveUp) : end(made);
    } catch (error) {
      return giveUp(error);
    }
  }

  #giveUp(probes: readonly BegunProbe[]): void {
    for (const { probe } of probes) this.#pauses.giveUp(probe);
  }

  receive(payload: string): void {
    const pause = parsePause(payload);
    if (pause) this.#takeStored(pause, pause.ms);
  }

  async load(): Promise<void> {
    try {
      const { now, pauses } = await readPauses(this.deps.pool);
      this.#databaseAheadMs = now - this.#now();
      for (const pause of pauses) this.#takeStored(pause);
    } catch (error) {
      this.deps.onFailure(error);
    }
  }

  // The clock of a process stands still while its machine is suspended, so a pause is no longer than it was at first.
  #takeStored(pause: StoredPause, maxMs = MAX_PAUSE_MS): void {
    const leftMs = Math.min(pause.endsAt - this.#databaseAheadMs - this.#now(), maxMs, MAX_PAUSE_MS);
    if (leftMs > 0) this.#pauses.pause(keyOf(pause), leftMs);
  }

  /** The failure of a call that must wait for the end of a pause. */
  #refusePaused(call: GatedCall): Failure | undefined {
    for (const pause of pausesOf(call)) {
      const waitMs = this.#pauses.waitMs(keyOf(pause));
      if (waitMs > 0) return refusal(call, pause.kind, waitMs);
    }
    return undefined;
  }

  #quotaWaitMs(call: GatedCall): Awaitable<number> {
    const { requests, perSeconds = 1 } = call.limits ?? {};
    return requests === undefined ? 0 : this.#quotas.waitMs(call, { limit: requests, windowMs: perSeconds * 1000 });
  }

  #noteEnd(call: GatedCall, probes: readonly BegunProbe[], outcome: ToolOutcome): void {
    const verdict = verdictOf(outcome);
    if (verdict === 'none') {
      this.#giveUp(probes);
      return;
    }
    const { workspaceId, customerIntegrationId } = call;
    const isRefused = !outcome.ok && REFUSED_CREDENTIAL.has(outcome.code);
    this.deps.onEnd({ workspaceId, customerIntegrationId, hasFailed: verdict !== 'served' || isRefused });
    this.#noteLimit(limitOf(call), outcome);
    if (verdict === 'failed') this.#noteFailure(call, probes, outcome);
    else this.#noteService(call);
  }

  #noteLimit(pause: CallPause, outcome: ToolOutcome): void {
    const key = keyOf(pause);
    if (outcome.ok || !outcome.limited) {
      this.#pauses.end(key);
      return;
    }
    const grownMs = Math.min((this.#pauses.lastMs(key) ?? FIRST_LIMIT_MS / 2) * 2, MAX_GROWN_LIMIT_MS);
    this.#pause(pause, Math.max(outcome.retryAfterMs ?? grownMs, MIN_LIMIT_MS));
  }

  #noteService(call: GatedCall): void {
    this.#outages.noteService(`${call.workspaceId} ${call.origin}`);
    for (const pause of outagesOf(call)) this.#pauses.end(keyOf(pause));
  }

  #noteFailure(call: GatedCall, probes: readonly BegunProbe[], outcome: ToolOutcome): void {
    const [origin, operation] = outagesOf(call);
    const failedProbes = probes.filter(({ pause }) => pause.kind === 'outage');
    for (const { pause } of failedProbes)
      this.#pause(pause, Math.min((this.#pauses.lastMs(keyOf(pause)) ?? FIRST_OUTAGE_MS) * 2, MAX_OUTAGE_MS));
    // Calls that were sent before a pause say nothing about its end.
    if (failedProbes.length > 0 || [origin, operation].some((pause) => this.#pauses.isPaused(keyOf(pause)))) return;
    const failing = this.#outages.noteFailure(
      `${call.workspaceId} ${call.origin}`,
      call.toolName,
      outcome.status === undefined,
    );
    if (failing) this.#pause(failing === 'origin' ? origin : operation, FIRST_OUTAGE_MS);
  }

  #pause(pause: CallPause, ms: number): void {
    if (!this.#pauses.pause(keyOf(pause), ms)) return;
    // Rounded down, so that the announcement of a pause never prolongs it here.
    const endsAt = Math.floor(this.#now() + this.#databaseAheadMs + ms);
    storePause(this.deps.pool, { ...pause, endsAt, ms }).catch(this.deps.onFailure);
  }
}

const REFUSED_CREDENTIAL = new Set(['credential_rejected', 'credential_missing']);

/** What a call says about its service: it serves calls, limits them, or fails; none: nothing. */
function verdictOf(outcome: ToolOutcome): 'served' | 'limited' | 'failed' | 'none' {
  if (outcome.ok) return 'served';
  if (outcome.isOurs) return 'none';
  if (outcome.limited) return 'limited';
  const { code, status } = outcome;
  if (status !== undefined) return status >= 500 ? 'failed' : 'served';
  if (code === 'upstream_timeout' || code === 'upstream_unreachable') return 'failed';
  return code.startsWith('upstream_') || outcome.asks || code === 'scope_missing' ? 'served' : 'none';
}

const keyOf = ({ workspaceId, customerIntegrationId, kind, subject }: CallPause): string =>
  kind === 'limit'
    ? `${workspaceId} limit ${customerIntegrationId} ${subject}`
    : // Other integrations at the same origin wait as well.
      `${workspaceId} outage ${subject}`;

const limitOf = ({ workspaceId, customerIntegrationId, userId }: GatedCall): CallPause => ({
  workspaceId,
  customerIntegrationId,
  kind: 'limit',
  subject: userId,
});

function outagesOf({ workspaceId, customerIntegrationId, origin, toolName }: GatedCall): [CallPause, CallPause] {
  const outage = { workspaceId, customerIntegrationId, kind: 'outage' } as const;
  return [
    { ...outage, subject: origin },
    { ...outage, subject: `${origin} ${toolName}` },
  ];
}

const pausesOf = (call: GatedCall): CallPause[] => [...outagesOf(call), limitOf(call)];

function refusal({ integrationName }: GatedCall, kind: CallPause['kind'], waitMs: number): Failure {
  const seconds = Math.ceil(waitMs / 1000);
  const reason =
    kind === 'limit' ? `${integrationName} limits requests` : `The last calls of ${integrationName} failed`;
  return failure('upstream_paused', `${reason}. The call was not sent; it can be sent in ${seconds} s.`, {
    retryable: true,
    retryAfterMs: Math.ceil(waitMs),
    unsent: true,
    ...(kind === 'limit' && { limited: true }),
  });
}

function parsePause(payload: string): AnnouncedPause | undefined {
  try {
    const pause = (JSON.parse(payload) ?? {}) as AnnouncedPause;
    return Number.isFinite(pause.endsAt) && Number.isFinite(pause.ms) ? pause : undefined;
  } catch {
    return undefined;
  }
}
