import { isDatabaseTrouble } from '../trouble.ts';

type Waiting<T, R> = { item: T; resolve: (result: R) => void; reject: (error: unknown) => void };

export type GatherOptions<T, R> = {
  /** Does some together, in one statement: one result each, in their order; `undefined` where one must be done by itself. */
  together: (items: readonly T[]) => Promise<readonly (R | undefined)[]>;
  /** Does one by itself. */
  alone: (item: T) => Promise<R>;
  /** Most that are done together. */
  most: number;
  /** One that is done by itself may have to wait for somebody: the next ones wait for it so long, in ms. */
  patienceMs: number;
};

/**
 * Gathers what is asked for while the same is under way, and does it together then: as commits are grouped. One that finds nothing
 * under way goes at once and by itself, so that gathering costs no time where there is nothing to gather.
 */
export class Gather<T, R> {
  private waiting: Waiting<T, R>[] = [];
  private busy = false;

  constructor(private readonly options: GatherOptions<T, R>) {}

  /** @returns what came of it; rejects as `alone` or `together` does */
  do(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (!this.busy) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.busy = true;
    while (this.waiting.length > 0) {
      const some = this.waiting.splice(0, this.options.most);
      if (some.length === 1) await this.patiently(this.alone(some[0]!));
      else await this.together(some);
    }
    this.busy = false;
  }

  private async together(some: readonly Waiting<T, R>[]): Promise<void> {
    let results: readonly (R | undefined)[];
    try {
      results = await this.options.together(some.map(({ item }) => item));
    } catch (error) {
      // What the server has refused did not happen, and is the fault of one of them: the others shall not have to pay for it.
      if (isRefusal(error)) for (const one of some) void this.alone(one);
      else for (const { reject } of some) reject(error);
      return;
    }
    some.forEach((one, i) => {
      const result = results[i];
      if (result === undefined) void this.alone(one);
      else one.resolve(result);
    });
  }

  private async patiently(work: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.options.patienceMs);
    });
    await Promise.race([work, enough]);
    clearTimeout(timer);
  }

  private alone({ item, resolve, reject }: Waiting<T, R>): Promise<void> {
    return this.options.alone(item).then(resolve, reject);
  }
}

const isRefusal = (error: unknown): boolean =>
  (error as { severity?: unknown })?.severity === 'ERROR' && !isDatabaseTrouble(error);
