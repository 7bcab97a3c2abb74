import { type Awaitable, chain, isPromise } from '@errand/basics/awaitable';
import type { Rules, ToolOutcome } from '@errand/contracts';
import {
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
import { KnownPauses } from './known-pauses.ts';
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
};

/**
 * Lets calls pass unless their service limits requests or fails. Pauses are shared by all processes: they are stored when they begin, and
 * known in memory, so that a call without a pause needs no statement.
 */
export class CallGate implements CallPauses {
  readonly channel = PAUSE_CHANNEL;
  readonly #pauses = new KnownPauses();
  readonly #outages = new Outages();
  readonly #quotas: Quotas;

  constructor(private readonly deps: GateDeps) {
    this.#quotas = new Quotas((key, maxCalls, quota) => takeCalls(deps.pool, key, maxCalls, quota), deps.onFailure);
  }

  /** Makes a call and notes its end, or returns a failure if it must wait. */
  run(call: GatedCall, make: () => Awaitable<ToolOutcome>): Awaitable<ToolOutcome> {
    return chain(this.#refuse(call), (refusal) => refusal ?? this.#make(call, make));
  }

  #make(call: GatedCall, make: () => Awaitable<ToolOutcome>): Awaitable<ToolOutcome> {
    const tries = pausesOf(call).filter((pause) => this.#pauses.begin(keyOf(pause)));
    const end = (outcome: ToolOutcome): ToolOutcome => {
      this.#noteEnd(call, tries, outcome);
      return outcome;
    };
    const made = make();
    if (!isPromise(made)) return end(made);
    return made.then(end, (error) => {
      for (const pause of tries) this.#pauses.giveUp(keyOf(pause));
      throw error;
    });
  }

  receive(payload: string): void {
    const pause = parsePause(payload);
    if (pause) this.#pauses.pause(keyOf(pause), pause.ms);
  }

  async load(): Promise<void> {
    try {
      for (const pause of await readPauses(this.deps.pool)) this.#pauses.pause(keyOf(pause), pause.ms);
    } catch (error) {
      this.deps.onFailure(error);
    }
  }

  /** The failure of a call that must wait. */
  #refuse(call: GatedCall): Awaitable<Failure | undefined> {
    for (const pause of pausesOf(call)) {
      const waitMs = this.#pauses.waitMs(keyOf(pause));
      if (waitMs > 0) return refusal(call, pause.kind, waitMs);
    }
    const { requests, perSeconds = 1 } = call.limits ?? {};
    if (requests === undefined) return undefined;
    const quota = { limit: requests, windowMs: perSeconds * 1000 };
    return chain(this.#quotas.waitMs(call, quota), (waitMs) =>
      waitMs > 0 ? refusal(call, 'limit', waitMs) : undefined,
    );
  }

  #noteEnd(call: GatedCall, tries: readonly CallPause[], outcome: ToolOutcome): void {
    const verdict = verdictOf(outcome);
    if (verdict === 'none') {
      for (const pause of tries) this.#pauses.giveUp(keyOf(pause));
      return;
    }
    const { workspaceId, customerIntegrationId } = call;
    const isRefused = !outcome.ok && REFUSED_CREDENTIAL.has(outcome.code);
    this.deps.onEnd({ workspaceId, customerIntegrationId, hasFailed: verdict !== 'served' || isRefused });
    this.#noteLimit(limitOf(call), outcome);
    if (verdict === 'failed') this.#noteFailure(call, tries, outcome);
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

  #noteFailure(call: GatedCall, tries: readonly CallPause[], outcome: ToolOutcome): void {
    const [origin, operation] = outagesOf(call);
    const failedTries = tries.filter(({ kind }) => kind === 'outage');
    for (const pause of failedTries)
      this.#pause(pause, Math.min((this.#pauses.lastMs(keyOf(pause)) ?? FIRST_OUTAGE_MS) * 2, MAX_OUTAGE_MS));
    // Calls that were sent before a pause say nothing about its end.
    if (failedTries.length > 0 || [origin, operation].some((pause) => this.#pauses.isPaused(keyOf(pause)))) return;
    const failing = this.#outages.noteFailure(
      `${call.workspaceId} ${call.origin}`,
      call.toolName,
      outcome.status === undefined,
    );
    if (failing) this.#pause(failing === 'origin' ? origin : operation, FIRST_OUTAGE_MS);
  }

  #pause(pause: CallPause, ms: number): void {
    if (!this.#pauses.pause(keyOf(pause), ms)) return;
    storePause(this.deps.pool, { ...pause, ms }).catch(this.deps.onFailure);
  }
}

const REFUSED_CREDENTIAL = new Set(['credential_rejected', 'credential_missing']);

/** What a call says about its service: it serves calls, limits them, or fails; none: nothing was sent. */
function verdictOf(outcome: ToolOutcome): 'served' | 'limited' | 'failed' | 'none' {
  if (outcome.ok) return 'served';
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

function parsePause(payload: string): StoredPause | undefined {
  try {
    const pause = (JSON.parse(payload) ?? {}) as StoredPause;
    return Number.isFinite(pause.ms) ? { ...pause, ms: Math.min(pause.ms, MAX_PAUSE_MS) } : undefined;
  } catch {
    return undefined;
  }
}
