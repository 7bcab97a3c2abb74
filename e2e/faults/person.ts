import type { Choice, RunEvent } from '@errand/contracts';
import type { Cluster } from './cluster.ts';
import type { History } from './history.ts';
import { Considered, eachPending } from './pending.ts';
import { seeded } from './random.ts';
import type { Trial } from './trials.ts';

const REFLECTION_MS = 300;

/** A person who answers requests of runs: half of them at the event, before the process that asked has done anything else, the rest by the list. */
export abstract class Person {
  protected readonly cluster: Cluster;
  protected readonly history: History;
  protected readonly seed: number;
  /** Whether two people answer each request at once, differently. */
  protected readonly together: boolean;

  /** Requests that were considered. */
  protected readonly seen = new Set<string>();
  readonly #considered = new Considered(REFLECTION_MS);
  readonly #underWay = new Set<Promise<unknown>>();

  /** The kind of answered requests, which is also the type of their events. */
  protected abstract readonly kind: 'question' | 'input';

  constructor(
    cluster: Cluster,
    history: History,
    seed: number,
    { together = false }: Pick<Partial<Trial>, 'together'> = {},
  ) {
    this.cluster = cluster;
    this.history = history;
    this.seed = seed;
    this.together = together;
  }

  protected abstract answer(requestId: string, choices: readonly Choice[]): Promise<void>;

  async work(stop: AbortSignal): Promise<void> {
    await eachPending(this.cluster, seeded(this.seed, `who answers ${this.kind}`), stop, async (pending) => {
      const requests = pending.filter(({ kind }) => kind === this.kind);
      await Promise.all(
        requests.map(
          ({ requestId, choices = [] }) => this.#considered.is(requestId!) && this.answer(requestId!, choices),
        ),
      );
    });
    await Promise.all(this.#underWay);
  }

  /** Receives an event of a followed run. */
  readonly hear = (event: RunEvent): void => {
    if (event.type !== this.kind || !seeded(this.seed, 'heard', event.requestId).chance(0.5)) return;
    const choices = event.type === 'question' ? event.choices : [];
    const done: Promise<unknown> = this.answer(event.requestId, choices ?? []).finally(() =>
      this.#underWay.delete(done),
    );
    this.#underWay.add(done);
  };
}
