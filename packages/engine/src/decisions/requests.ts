import type { Json, RunStatus } from '@errand/contracts';
import { type DecisionKind, type DecisionRequest, type NewDecisionRequest, newId } from '@errand/db';

/** How long questions stay open, in ms. */
export type AskPolicy = { approvalMs: number; effectMs: number };

const HOUR_MS = 3_600_000;
export const defaultAskPolicy: AskPolicy = { approvalMs: 24 * HOUR_MS, effectMs: 7 * 24 * HOUR_MS };

/** What an event that asks says of the run, and what the run is once nothing else of it goes on. */
export const statusOf = (kind: DecisionKind): Extract<RunStatus, 'PAUSED' | 'AUTH_REQUIRED'> =>
  kind === 'consent' ? 'AUTH_REQUIRED' : 'PAUSED';

type RequestDraft = Pick<NewDecisionRequest, 'kind' | 'key' | 'text'> &
  Partial<Pick<NewDecisionRequest, 'stepId' | 'customerIntegrationId' | 'tool' | 'args' | 'sha256'>>;

type Answer = Pick<
  DecisionRequest,
  'decidedAt' | 'decision' | 'decidedBy' | 'reason' | 'decidedArgs' | 'output' | 'hasOutput'
>;
type Asked = Pick<NewDecisionRequest, 'waitingId' | 'kind' | 'key' | 'sha256'> & Answer;

const unanswered: Answer = {
  decidedAt: null,
  decision: null,
  decidedBy: null,
  reason: null,
  decidedArgs: null,
  output: null,
  hasOutput: false,
};

/** What one activation knows of the questions of its run: those asked before, and those it asks. */
export class DecisionRequests {
  readonly #userId: string;
  readonly #policy: AskPolicy;
  /** The database's clock when the run was claimed. */
  readonly #claimedAt: Date;

  readonly #newest = new Map<string, Asked>();
  readonly #open = new Map<string, { kind: DecisionKind; expiresAt: Date | null }>();
  /** Those of this activation that no look at the table has shown yet: they are on their way. */
  readonly #own = new Map<string, Asked>();
  readonly #since = performance.now();

  constructor(userId: string, rows: readonly DecisionRequest[], policy: AskPolicy, claimedAt: Date) {
    this.#userId = userId;
    this.#policy = policy;
    this.#claimedAt = claimedAt;

    this.learn(rows);
  }

  /** What was written of them meanwhile; those that this activation asks are among the rows or on their way. */
  learn(rows: readonly DecisionRequest[]): void {
    for (const row of rows) {
      this.#newest.set(`${row.kind} ${row.key}`, row);
      this.#own.delete(row.waitingId);
      if (row.decidedAt === null) this.#open.set(row.waitingId, row);
      else this.#open.delete(row.waitingId);
    }
    // An answer that was given before says nothing of what is asked now.
    for (const asked of this.#own.values()) this.#newest.set(`${asked.kind} ${asked.key}`, asked);
  }

  /** The newest question about something, answered or not. */
  about(kind: DecisionKind, key: string): Asked | undefined {
    return this.#newest.get(`${kind} ${key}`);
  }

  /** A new question, to be written by the activation. */
  request({ kind, key, text, ...more }: RequestDraft): NewDecisionRequest {
    const waitingId = newId();
    const ms = kind === 'effect' ? this.#policy.effectMs : this.#policy.approvalMs;
    const expiresAt = new Date(this.#claimedAt.getTime() + Math.round(performance.now() - this.#since) + ms);
    this.#open.set(waitingId, { kind, expiresAt });
    const asked: NewDecisionRequest = {
      waitingId,
      userId: this.#userId,
      kind,
      key,
      stepId: more.stepId ?? null,
      customerIntegrationId: more.customerIntegrationId ?? null,
      tool: more.tool ?? null,
      args: more.args ?? (null as Json | null),
      sha256: more.sha256 ?? null,
      text,
      expiresAt,
    };
    const known = { waitingId, kind, key, sha256: asked.sha256, ...unanswered };
    this.#own.set(waitingId, known);
    this.#newest.set(`${kind} ${key}`, known);
    return asked;
  }

  /** Whether anything is asked and not answered. */
  get pending(): boolean {
    return this.#open.size > 0;
  }

  /** When the first of those that are open expires, in database time. */
  get expiresAt(): Date {
    const times = [...this.#open.values()].map(({ expiresAt }) => expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
    const first = Math.min(...times);
    return Number.isFinite(first) ? new Date(first) : this.#claimedAt;
  }

  /** What a run is that can go on no further, and why, for people. */
  state(): { to: Extract<RunStatus, 'PAUSED' | 'AUTH_REQUIRED'>; reason: string } {
    const kinds = [...this.#open.values()].map(({ kind }) => kind);
    const parts = (Object.keys(words) as DecisionKind[]).flatMap((kind) => {
      const n = kinds.filter((one) => one === kind).length;
      return n === 0 ? [] : [`${n} ${words[kind]}${n === 1 ? '' : 's'}`];
    });
    return {
      to: kinds.includes('consent') ? 'AUTH_REQUIRED' : 'PAUSED',
      reason: `Waits for a human: ${parts.join(', ')}.`,
    };
  }
}

const words: Record<DecisionKind, string> = {
  plan_approval: 'plan approval',
  tool_approval: 'approval',
  consent: 'consent',
  effect: 'uncertain effect',
};
