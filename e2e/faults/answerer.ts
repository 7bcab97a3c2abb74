import type { Choice, RunEvent } from '@errand/contracts';
import { ask, httpUrl, recorded } from './clients.ts';
import type { Cluster } from './cluster.ts';
import type { History } from './history.ts';
import { Considered, eachPending } from './pending.ts';
import { seeded } from './random.ts';
import type { Trial } from './trials.ts';

const REFLECTION_MS = 300;

type Asked = { requestId: string; choices: readonly Choice[] };

/**
 * Answers the questions of runs, at the event or later. Some are never answered, some are closed without an answer, and sometimes two people
 * give different answers at once.
 */
export class Answerer {
  readonly #cluster: Cluster;
  readonly #history: History;
  readonly #seed: number;
  /** Whether each question is answered by two people at once, differently. */
  readonly #together: boolean;

  readonly #considered = new Considered(REFLECTION_MS);
  readonly #seen = new Set<string>();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(
    cluster: Cluster,
    history: History,
    seed: number,
    { together = false }: Pick<Partial<Trial>, 'together'> = {},
  ) {
    this.#cluster = cluster;
    this.#history = history;
    this.#seed = seed;
    this.#together = together;
  }

  async work(stop: AbortSignal): Promise<void> {
    await eachPending(this.#cluster, seeded(this.#seed, 'answerer'), stop, async (pending) => {
      const asked = pending.flatMap(({ kind, requestId, choices = [] }) =>
        kind === 'question' && requestId ? [{ requestId, choices }] : [],
      );
      await Promise.all(asked.map((one) => this.#considered.is(one.requestId) && this.#answer(one)));
    });
    await Promise.all(this.#underWay);
  }

  /** Receives an event of a followed run: half of the questions are answered before the process that asked has done anything else. */
  readonly hear = (event: RunEvent): void => {
    if (event.type !== 'question' || !seeded(this.#seed, 'heard', event.requestId).chance(0.5)) return;
    const done: Promise<unknown> = this.#answer({ requestId: event.requestId, choices: event.choices ?? [] }).finally(
      () => this.#underWay.delete(done),
    );
    this.#underWay.add(done);
  };

  async #answer({ requestId, choices }: Asked): Promise<void> {
    const random = seeded(this.#seed, 'answer', requestId);
    // Each question is considered once by this person, unless the answer got lost.
    if (!random.chance(0.9)) return;
    const said: (Choice['value'] | null)[] = random.chance(0.1) ? [null] : [random.pick(choices).value];
    if (!this.#seen.has(requestId) && random.chance(0.3)) said.push(random.pick(choices).value);
    this.#seen.add(requestId);
    if (this.#together) said.splice(0, said.length, ...choices.map(({ value }) => value));
    await Promise.all(said.map((answer) => this.#say(requestId, answer)));
  }

  #say(requestId: string, answer: Choice['value'] | null) {
    const request = { method: 'POST', path: `/v1/questions/${requestId}`, body: { answer } };
    const what = { operation: 'answer' as const, subject: requestId, wanted: String(answer) };
    const url = httpUrl(this.#cluster, seeded(this.#seed, 'where', requestId, String(answer)));
    return recorded(this.#history, what, () => ask(this.#cluster, url, request));
  }
}
