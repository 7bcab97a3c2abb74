import type { Json, Plan } from '@errand/contracts';
import { jsonText } from '@errand/db';
import type { DoneStep, Invocation, KnownCall } from '@errand/plan';

/** Calls whose arguments are kept: of one step, and of a run. */
const MAX_OF_STEP = 3;
const MAX_KNOWN = 12;
/** Characters of arguments or of an item that are kept; a call with more is only counted. */
const MAX_LETTERS = 8000;

/** The calls of an activation that succeeded, with those made before: what a summary tells of. */
export class DoneCalls {
  readonly #steps = new Map<string, Omit<DoneStep, 'known'> & { known: KnownCall[] }>();
  #left = MAX_KNOWN;

  /** Notes a call. @param args those that were sent: a human may have changed them */
  note({ step, tool, item }: Omit<Invocation, 'args'>, args: Json): void {
    const before = this.#steps.get(step.id) ?? { stepId: step.id, tool, count: 0, known: [] };
    const letters = Math.max(item?.length ?? 0, before.known.length < MAX_OF_STEP ? jsonText(args).length : 0);
    if (this.#left > 0 && before.known.length < MAX_OF_STEP && letters <= MAX_LETTERS) {
      this.#left--;
      const call = { step, tool, args: args as { [key: string]: Json } };
      before.known.push(item === undefined ? call : { ...call, item: JSON.parse(item) as Json });
    }
    this.#steps.set(step.id, { ...before, count: before.count + 1 });
  }

  /** In the order of the plan. */
  of(plan: Plan): DoneStep[] {
    return plan.steps.flatMap(({ id }) => this.#steps.get(id) ?? []);
  }
}
