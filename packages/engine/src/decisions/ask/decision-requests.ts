import { type AnswerOptions, answerInWords, type Json, type RunStatus } from '@errand/contracts';
import { type DecisionKind, type DecisionRequest, type NewDecisionRequest, newId } from '@errand/db';
import type { AnsweredQuestion } from '@errand/plan';

/** Lifetime of decision requests, in ms. */
export type RequestLifetimes = { approvalMs: number; effectMs: number };

const HOUR_MS = 3_600_000;
export const defaultRequestLifetimes: RequestLifetimes = { approvalMs: 24 * HOUR_MS, effectMs: 7 * 24 * HOUR_MS };

type RequestDraft = Pick<NewDecisionRequest, 'kind' | 'key' | 'text'> &
  Partial<Pick<NewDecisionRequest, 'stepId' | 'customerIntegrationId' | 'tool' | 'args' | 'sha256' | 'words'>>;

/** A request of a run, stored or not, with its decision. */
export type RequestFields = Omit<DecisionRequest, 'runId' | 'createdAt' | 'expired'>;

export type SharedCall = { toolCallId: string; args: Json };

/** The calls that share an approval request; undefined for a request about one call, which has an object as arguments. */
export const sharedCalls = ({ kind, args }: Pick<RequestFields, 'kind' | 'args'>): readonly SharedCall[] | undefined =>
  kind === 'tool_approval' && Array.isArray(args) ? (args as unknown as SharedCall[]) : undefined;

const NO_DETAILS = { stepId: null, customerIntegrationId: null, tool: null, args: null, sha256: null, words: null };

const UNDECIDED = {
  decidedAt: null,
  decision: null,
  decidedBy: null,
  reason: null,
  decidedArgs: null,
  output: null,
  hasOutput: false,
};

/** The decision requests of a run: stored ones, and those that this activation makes. */
export class DecisionRequests {
  readonly #newest = new Map<string, RequestFields>();
  readonly #open = new Map<string, { kind: DecisionKind; expiresAt: Date | null }>();
  /** Requests of this activation that were not read back yet. */
  readonly #unstored = new Map<string, RequestFields>();
  /** Kinds by id. */
  readonly #kinds = new Map<string, DecisionKind>();
  readonly #since = performance.now();

  constructor(
    private readonly userId: string,
    rows: readonly DecisionRequest[],
    private readonly lifetimes: RequestLifetimes,
    /** Database time of the claim. */
    private readonly claimedAt: Date,
  ) {
    this.addStored(rows);
  }

  /** @param rows all stored requests of the run */
  addStored(rows: readonly DecisionRequest[]): void {
    for (const row of rows) {
      this.#index(row);
      this.#kinds.set(row.decisionRequestId, row.kind);
      this.#unstored.delete(row.decisionRequestId);
      if (row.decidedAt === null) this.#open.set(row.decisionRequestId, row);
      else this.#open.delete(row.decisionRequestId);
    }
    // A new request replaces an earlier one about the same subject, with its decision.
    for (const request of this.#unstored.values()) this.#index(request);
  }

  #index(request: RequestFields): void {
    this.#newest.set(`${request.kind} ${request.key}`, request);
    for (const { toolCallId } of sharedCalls(request) ?? []) this.#newest.set(`${request.kind} ${toolCallId}`, request);
  }

  /** The newest request of a kind about a subject, decided or not. */
  newest(kind: DecisionKind, key: string): RequestFields | undefined {
    return this.#newest.get(`${kind} ${key}`);
  }

  /** The number of different subjects of a kind, decided or not. */
  subjectCount(kind: DecisionKind): number {
    return [...this.#newest.values()].filter((request) => request.kind === kind).length;
  }

  /** The decided questions with their answers in words, oldest first. */
  answeredQuestions(): AnsweredQuestion[] {
    return [...this.#newest.values()].flatMap(({ kind, decision, text, args, output }) => {
      if (kind !== 'question' || (decision !== 'answer' && decision !== 'deny')) return [];
      const answer = decision === 'answer' ? answerInWords((args ?? {}) as AnswerOptions, output as string) : undefined;
      return [{ question: text, answer }];
    });
  }

  /** Makes a new request; the caller writes it. */
  create({ kind, key, text, ...details }: RequestDraft): NewDecisionRequest {
    const decisionRequestId = newId();
    const ms = kind === 'effect' ? this.lifetimes.effectMs : this.lifetimes.approvalMs;
    const expiresAt = new Date(this.claimedAt.getTime() + Math.round(performance.now() - this.#since) + ms);
    this.#open.set(decisionRequestId, { kind, expiresAt });
    this.#kinds.set(decisionRequestId, kind);
    const subject = { decisionRequestId, userId: this.userId, kind, key, text };
    const fullRequest: NewDecisionRequest = { ...NO_DETAILS, ...details, ...subject, expiresAt };
    const newRequest = { ...fullRequest, ...UNDECIDED };
    this.#unstored.set(decisionRequestId, newRequest);
    this.#index(newRequest);
    return fullRequest;
  }

  /** The number of requests of a kind that the run has made. */
  requestCount(kind: DecisionKind): number {
    return [...this.#kinds.values()].filter((openKind) => openKind === kind).length;
  }

  get hasOpen(): boolean {
    return this.#open.size > 0;
  }

  /** When the first open request expires, in database time. */
  get expiresAt(): Date {
    const times = [...this.#open.values()].map(({ expiresAt }) => expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
    const first = Math.min(...times);
    return Number.isFinite(first) ? new Date(first) : this.claimedAt;
  }

  /** The status of a waiting run, and the reason for people. */
  waitingState(): { to: Extract<RunStatus, 'PAUSED' | 'AUTH_REQUIRED'>; reason: string } {
    const kinds = [...this.#open.values()].map(({ kind }) => kind);
    const parts = (Object.keys(KIND_LABELS) as DecisionKind[]).flatMap((kind) => {
      const count = kinds.filter((openKind) => openKind === kind).length;
      return count === 0 ? [] : [`${count} ${KIND_LABELS[kind]}${count === 1 ? '' : 's'}`];
    });
    return {
      to: kinds.includes('consent') ? 'AUTH_REQUIRED' : 'PAUSED',
      reason: `Waits for a human: ${parts.join(', ')}.`,
    };
  }
}

const KIND_LABELS: Record<DecisionKind, string> = {
  plan_approval: 'plan approval',
  tool_approval: 'approval',
  consent: 'consent',
  effect: 'uncertain effect',
  question: 'question',
  input: 'service request',
};
