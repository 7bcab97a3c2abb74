import { setTimeout as sleep } from 'node:timers/promises';
import type { InputAnswer, RunEvent } from '@errand/contracts';
import { ask, httpUrl, recorded } from './clients.ts';
import type { Cluster } from './cluster.ts';
import type { History } from './history.ts';
import { Considered, eachPending } from './pending.ts';
import { type Random, seeded } from './random.ts';
import { sides } from './third-party-mcp.ts';
import type { Trial } from './trials.ts';

const REFLECTION_MS = 300;

/**
 * Answers what services ask in the middle of calls: at the event or later; with what is entered, or declining, or putting it aside; some
 * twice in the same way, some at once with somebody who says otherwise, and some never.
 */
export class FormFiller {
  readonly #cluster: Cluster;
  readonly #history: History;
  readonly #seed: number;
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
    await eachPending(this.#cluster, seeded(this.#seed, 'filler'), stop, async (pending) => {
      const asked = pending.flatMap(({ kind, requestId }) => (kind === 'input' && requestId ? [requestId] : []));
      await Promise.all(asked.map((one) => this.#considered.is(one) && this.#answer(one)));
    });
    await Promise.all(this.#underWay);
  }

  /** Receives an event of a followed run: half of the forms are filled in before the process that asked has done anything else. */
  readonly hear = (event: RunEvent): void => {
    if (event.type !== 'input' || !seeded(this.#seed, 'heard', event.requestId).chance(0.5)) return;
    const done: Promise<unknown> = this.#answer(event.requestId).finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  };

  async #answer(requestId: string): Promise<void> {
    const random = seeded(this.#seed, 'input', requestId);
    // Each is considered once by this person, unless the answer got lost.
    if (!random.chance(0.9)) return;
    const said: InputAnswer[] = [
      random.chance(0.15) ? { action: random.pick(['decline', 'cancel']) } : entered(random),
    ];
    const isFirst = !this.#seen.has(requestId);
    this.#seen.add(requestId);
    if (isFirst && random.chance(0.3)) said.push(random.chance(0.5) ? said[0]! : entered(random));
    if (this.#together) said.splice(0, said.length, ...sides.map((side) => accept(side)));
    await Promise.all(said.map((one) => this.#say(requestId, one)));
    // Somebody comes long after.
    if (!isFirst || !random.chance(0.2)) return;
    await sleep(random.int(500, 3000));
    await this.#say(requestId, random.chance(0.5) ? entered(random) : { action: 'decline' });
  }

  #say(requestId: string, answer: InputAnswer) {
    const request = { method: 'POST', path: `/v1/inputs/${requestId}`, body: answer };
    const wanted = JSON.stringify(answer);
    const url = httpUrl(this.#cluster, seeded(this.#seed, 'where', requestId, wanted));
    return recorded(this.#history, { operation: 'input', subject: requestId, wanted }, () =>
      ask(this.#cluster, url, request),
    );
  }
}

const accept = (side: string): InputAnswer => ({ action: 'accept', content: { side } });
const entered = (random: Random): InputAnswer => accept(random.pick(sides));
