import type { RunEvent } from '@errand/contracts';
import { ask, httpUrl, recorded } from './clients.ts';
import type { Cluster } from './cluster.ts';
import type { History } from './history.ts';
import { Considered, eachPending } from './pending.ts';
import { type Random, seeded } from './random.ts';
import { answerTo, type ThirdParty } from './third-party.ts';

export type Decision = 'retry' | 'happened' | 'skip';

// By then every sent request has arrived: people are slower.
const REFLECTION_MS = 1000;

/** Decides about uncertain effects like a person: checks at the third party whether the call took effect. */
export class Human {
  readonly #cluster: Cluster;
  readonly #history: History;
  readonly #thirdParty: ThirdParty;
  readonly #seed: number;

  /** Decisions that may have been made, by call: they explain why a call was repeated. */
  readonly resolutions: { call: string; effectId: string; decision: Decision }[] = [];
  readonly #considered = new Considered(REFLECTION_MS);

  constructor(cluster: Cluster, history: History, thirdParty: ThirdParty, seed: number) {
    this.#cluster = cluster;
    this.#history = history;
    this.#thirdParty = thirdParty;
    this.#seed = seed;
  }

  work(stop: AbortSignal): Promise<void> {
    const random = seeded(this.#seed, 'human');
    return eachPending(this.#cluster, random, stop, (pending) =>
      Promise.all(
        pending.map(({ effectId, runId }) =>
          effectId !== undefined && this.#considered.is(effectId)
            ? this.#decide({ effectId, runId }, random)
            : undefined,
        ),
      ),
    );
  }

  async #decide({ effectId, runId }: { effectId: string; runId: string }, random: Random): Promise<void> {
    const call = await this.#callOf(runId, effectId, random);
    if (call === undefined) return;
    const happened = this.#thirdParty.happened(call);
    const decision: Decision = happened ? 'happened' : random.chance(0.75) ? 'retry' : 'skip';
    const say = (choice: Decision) => {
      this.resolutions.push({ call, effectId, decision: choice });
      const output = choice === 'happened' && random.chance(0.8) ? { output: answerTo(call) } : {};
      const request = { method: 'POST', path: `/v1/effects/${effectId}`, body: { decision: choice, ...output } };
      const attempt = { operation: 'resolve' as const, subject: effectId, choice };
      return recorded(this.#history, attempt, () => ask(this.#cluster, httpUrl(this.#cluster, random), request));
    };
    // Two people make contrary decisions at the same time.
    const contrary = happened && random.chance(0.2) ? ['skip' as const] : [];
    await Promise.all([decision, ...contrary].map(say));
  }

  /** The call of a request, as the run's events name it. */
  async #callOf(runId: string, effectId: string, random: Random): Promise<string | undefined> {
    const path = `/v1/runs/${runId}?includeEvents=true&includeToolCalls=true`;
    const answer = await ask(this.#cluster, httpUrl(this.#cluster, random), { method: 'GET', path });
    if (answer?.status !== 200) return undefined;
    const { events } = JSON.parse(answer.text) as { events: RunEvent[] };
    for (const event of events) {
      if (event.type !== 'step' || event.step.effectId !== effectId) continue;
      const args = event.step.toolCalls?.[0]?.toolParameters as
        | { body?: { call?: string }; path?: { id?: string }; call?: string }
        | undefined;
      return args?.body?.call ?? args?.path?.id ?? args?.call;
    }
    return undefined;
  }
}
