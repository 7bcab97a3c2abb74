// A deploy of all processes, or of half of them: one after the other, by processes of a build.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Member } from './cluster.ts';
import type { Build, Exit } from './service.ts';

/** `who`: indexes of processes, in the order of their replacement. */
export type RollRequest = { kind: 'roll'; who: readonly number[]; to: Build };

/** How long a deploy waits for processes that another fault has stopped, in ms. */
const FREE_IN_MS = 30_000;
const GAP_MS = 50;
/** How long a new process may take, also while other faults stop it again; in ms. */
const READY_IN_MS = 120_000;

function notReady({ name }: Member['service'], build: Build): never {
  throw new Error(`${name} was not ready within ${READY_IN_MS / 1000} s, with the build ${build}`);
}

/**
 * Replaces processes by SIGTERM, each once all are ready.
 * @returns how each of them ended
 */
export async function roll(members: readonly Member[], { who, to }: RollRequest): Promise<Exit[]> {
  const exits: Exit[] = [];
  for (const index of who) {
    const { service } = members[index]!;
    const areFree = () => members.every((member) => member.service.isFree);
    for (const end = Date.now() + FREE_IN_MS; !areFree() && Date.now() < end; ) await sleep(GAP_MS);
    exits.push(await service.deploy(to));
    await Promise.race([
      service.ready(),
      sleep(READY_IN_MS, undefined, { ref: false }).then(() => notReady(service, to)),
    ]);
  }
  return exits;
}

/**
 * Carries out one deploy at a time, and no change of the primary while processes of the last release run: that release does not know
 * several servers.
 */
export class Turns {
  #changes = 0;
  #isBeside = false;
  #rolling: Promise<unknown> = Promise.resolve();

  roll<T>(work: () => Promise<T>): Promise<T> {
    const rolled = this.#rolling.then(work);
    this.#rolling = rolled.catch(() => {});
    return rolled;
  }

  async change<T>(change: () => Promise<T>): Promise<T> {
    while (this.#isBeside) await sleep(GAP_MS);
    this.#changes++;
    try {
      return await change();
    } finally {
      this.#changes--;
    }
  }

  async beginBeside(): Promise<void> {
    this.#isBeside = true;
    while (this.#changes > 0) await sleep(GAP_MS);
  }

  endBeside(): void {
    this.#isBeside = false;
  }
}
