import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '@errand/contracts';
import { type Decision, decide, httpUrl } from './clients.ts';
import type { Cluster } from './cluster.ts';
import type { History } from './history.ts';
import { Considered, eachPending } from './pending.ts';
import { type Random, seeded } from './random.ts';
import type { Trial } from './trials.ts';

/** When people answer: at the event, several of them in the same moment, or when they read the pending list. */
const manners = { atOnce: 35, together: 25, late: 40 };

const REFLECTION_MS = 300;
/** How long people who answer together wait for each other, in ms. */
const COLLECT_MS = 250;

/**
 * Decides the approvals of runs: approves most, denies some, and lets some expire. Sometimes two people make contrary decisions at once,
 * or a person approves long after the decision, expiry or cancellation.
 */
export class Approver {
  readonly #cluster: Cluster;
  readonly #history: History;
  readonly #seed: number;
  readonly #trial: Partial<Trial>;

  readonly #considered = new Considered(REFLECTION_MS);
  /** Requested approvals, and whether a person will decide them. */
  readonly #seen = new Map<string, boolean>();
  readonly #underWay = new Set<Promise<unknown>>();
  #collected: string[] = [];
  readonly #random: Random;

  constructor(cluster: Cluster, history: History, seed: number, trial: Partial<Trial> = {}) {
    this.#cluster = cluster;
    this.#history = history;
    this.#seed = seed;
    this.#trial = trial;

    this.#random = seeded(seed, 'approver');
  }

  async work(stop: AbortSignal): Promise<void> {
    const random = this.#random;
    await eachPending(this.#cluster, random, stop, async (pending) => {
      const requestedIds = pending.flatMap(({ approvalId }) => approvalId ?? []);
      await Promise.all(requestedIds.map((approvalId) => this.#considered.is(approvalId) && this.#answer(approvalId)));
      if (this.#seen.size > 0 && random.chance(0.3)) await this.#say(random.pick([...this.#seen.keys()]), 'approve');
    });
    await Promise.all(this.#underWay);
  }

  /** Receives an event of a followed run; may answer before the requesting process has done anything else. */
  readonly hear = (event: RunEvent): void => {
    const approvalId = askedBy(event);
    if (approvalId === undefined || this.#seen.has(approvalId)) return;
    const manner = this.#trial.together ? 'together' : seeded(this.#seed, 'manner', approvalId).weighed(manners);
    if (manner === 'atOnce') this.#start(this.#answer(approvalId));
    if (manner !== 'together') return;
    this.#collected.push(approvalId);
    if (this.#collected.length === 1) this.#start(this.#answerTogether());
  };

  async #answerTogether(): Promise<void> {
    await sleep(COLLECT_MS);
    const all = this.#collected;
    this.#collected = [];
    await Promise.all(all.map((approvalId) => this.#answer(approvalId)));
  }

  #start(work: Promise<unknown>): void {
    const done: Promise<unknown> = work.finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }

  async #answer(approvalId: string): Promise<void> {
    const random = this.#random;
    const answers = this.#seen.get(approvalId) ?? random.chance(0.9);
    this.#seen.set(approvalId, answers);
    if (!answers) return;
    const decision = random.chance(0.8) ? 'approve' : 'deny';
    const contrary = random.chance(0.2) ? [decision === 'approve' ? ('deny' as const) : ('approve' as const)] : [];
    await Promise.all([decision, ...contrary].map((choice) => this.#say(approvalId, choice as Decision)));
  }

  #say(approvalId: string, decision: Decision) {
    return decide(this.#cluster, this.#history, httpUrl(this.#cluster, this.#random), { approvalId, decision });
  }
}

function askedBy(event: RunEvent): string | undefined {
  if (event.type === 'run_approval') return event.approvalId;
  return event.type === 'step' && event.step.approval === 'PENDING' ? event.step.approvalId : undefined;
}
