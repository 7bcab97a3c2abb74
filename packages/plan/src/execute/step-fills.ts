import type { Json, PlanStep, ToolSpec } from '@errand/contracts';
import { schemaAt } from '../schema/schema-at.ts';
import type { Hole } from '../template/template.ts';
import { argumentLabel, toolLabel } from '../tools/label.ts';
import { subjectOfStep } from './expression-error.ts';
import type { FillOutcome, FillWanted, RunPlanOptions, StepError } from './outcome.ts';

/** Most values, and bytes of items, that are asked for together. */
const LIMITS = { values: 20, bytes: 64 * 1024 };

export type Filled =
  | { kind: 'done'; values: ReadonlyMap<string, Json> }
  | ({ kind: 'failed' } & StepError)
  | { kind: 'stopped' };

/**
 * The values that a model fills in for one step. Those of one call are asked for together, and with forEach those of several items.
 * Which items go together depends on the list alone, so that a plan that runs again asks for the same.
 */
export class StepFills {
  readonly #fill: RunPlanOptions['fill'];
  readonly #of: { step: PlanStep; tool: ToolSpec; items: readonly string[] | null };
  readonly #outputs: () => Promise<Record<string, string>>;

  /** By the first item of each batch. */
  readonly #asked = new Map<number, Promise<FillOutcome>>();
  #starts: readonly number[] | undefined;

  /** @param items of forEach, as JSON texts; null without it */
  constructor(
    fill: RunPlanOptions['fill'],
    of: { step: PlanStep; tool: ToolSpec; items: readonly string[] | null },
    outputs: () => Promise<Record<string, string>>,
  ) {
    this.#fill = fill;
    this.#of = of;
    this.#outputs = outputs;
  }

  /** The values of the holes of one call, by their pointers. */
  async of(holes: readonly Hole[], iteration: number | null): Promise<Filled> {
    const { tool } = this.#of;
    if (this.#fill === undefined) {
      const what = `its argument ${argumentLabel(holes[0]!.pointer)} must be filled in by a model, and none is configured.`;
      return { kind: 'failed', code: 'model_failed', message: subjectOfStep(toolLabel(tool), what) };
    }
    const [first, end] = this.#batchOf(iteration ?? 0, holes.length);
    const asked = this.#asked.get(first) ?? this.#ask(this.#fill, holes, first, end);
    this.#asked.set(first, asked);
    const outcome = await asked;
    if (outcome.kind !== 'done') return outcome;
    const at = ((iteration ?? 0) - first) * holes.length;
    const values = new Map<string, Json>();
    for (const [index, { pointer }] of holes.entries()) {
      const one = outcome.values[at + index]!;
      if ('failed' in one) return { kind: 'failed', ...one.failed };
      values.set(pointer, one.value);
    }
    return { kind: 'done', values };
  }

  async #ask(
    fill: NonNullable<RunPlanOptions['fill']>,
    holes: readonly Hole[],
    first: number,
    end: number,
  ): Promise<FillOutcome> {
    const { step, tool, items } = this.#of;
    const wanted = holes.map(({ pointer, text: prompt }) => {
      const schema = schemaAt(tool.inputSchema, pointer);
      return { pointer, prompt, ...(schema !== undefined && { schema }) };
    });
    const iterations = Array.from({ length: end - first }, (_, n) => first + n);
    const values = iterations.flatMap((iteration) =>
      wanted.map(
        (one): FillWanted => (items ? { ...one, iteration, item: items[iteration]! } : { ...one, iteration: null }),
      ),
    );
    return fill({ stepId: step.id, values, outputs: await this.#outputs() });
  }

  /** The batch of an item: its first item, and the one after its last. */
  #batchOf(iteration: number, holes: number): [first: number, end: number] {
    const { items } = this.#of;
    if (items === null) return [0, 1];
    this.#starts ??= startsOf(items, holes);
    const next = this.#starts.findIndex((start) => start > iteration);
    return next < 0 ? [this.#starts.at(-1)!, items.length] : [this.#starts[next - 1]!, this.#starts[next]!];
  }
}

/** The first item of each batch. */
function startsOf(items: readonly string[], holes: number): number[] {
  const starts = [0];
  let bytes = 0;
  for (const [index, item] of items.entries()) {
    const size = Buffer.byteLength(item);
    const count = index - starts.at(-1)!;
    if (count > 0 && ((count + 1) * holes > LIMITS.values || bytes + size > LIMITS.bytes)) {
      starts.push(index);
      bytes = 0;
    }
    bytes += size;
  }
  return starts;
}
