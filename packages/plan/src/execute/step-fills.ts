import type { Json, PlanStep, ToolSpec } from '@errand/contracts';
import { schemaAt } from '../schema/schema-at.ts';
import type { Hole } from '../template/template.ts';
import { argumentLabel, toolLabel } from '../tools/label.ts';
import { subjectOfStep } from './expression-error.ts';
import type { FillOutcome, RunPlanOptions, StepError, FillRequest as ValueToFill } from './plan-execution.ts';

/** Maximum number of values, and bytes of items, in one request. */
const LIMITS = { values: 20, bytes: 64 * 1024 };

export type FillResult =
  | { kind: 'done'; values: ReadonlyMap<string, Json> }
  | ({ kind: 'failed' } & StepError)
  | { kind: 'stopped' };

/**
 * The values that a model fills in for one step. A request has all values of a call, and with forEach of several items. The batches
 * depend on the list alone, so that a plan that runs again makes the same requests.
 */
export class StepFills {
  /** By the first item of each batch. */
  readonly #batches = new Map<number, Promise<FillOutcome>>();
  #starts: readonly number[] | undefined;

  /** @param items of forEach, as JSON texts; null without it */
  constructor(
    private readonly fill: RunPlanOptions['fill'],
    private readonly target: { step: PlanStep; tool: ToolSpec; items: readonly string[] | null },
    private readonly loadOutputs: () => Promise<Record<string, string>>,
  ) {}

  /** The values of the holes of one call, by their pointers. */
  async valuesFor(holes: readonly Hole[], iteration: number | null): Promise<FillResult> {
    const { tool } = this.target;
    if (this.fill === undefined) {
      const problem = `its argument ${argumentLabel(holes[0]!.pointer)} must be filled in by a model, and none is configured.`;
      return { kind: 'failed', code: 'model_failed', message: subjectOfStep(toolLabel(tool), problem) };
    }
    const [first, end] = this.#batchOf(iteration ?? 0, holes.length);
    const batch = this.#batches.get(first) ?? this.#request(this.fill, holes, first, end);
    this.#batches.set(first, batch);
    const outcome = await batch;
    if (outcome.kind !== 'done') return outcome;
    const at = ((iteration ?? 0) - first) * holes.length;
    const values = new Map<string, Json>();
    for (const [index, { pointer }] of holes.entries()) {
      const filledValue = outcome.values[at + index]!;
      if ('failed' in filledValue) return { kind: 'failed', ...filledValue.failed };
      values.set(pointer, filledValue.value);
    }
    return { kind: 'done', values };
  }

  async #request(
    fill: NonNullable<RunPlanOptions['fill']>,
    holes: readonly Hole[],
    first: number,
    end: number,
  ): Promise<FillOutcome> {
    const { step, tool, items } = this.target;
    const fillRequests = holes.map(({ pointer, text: prompt }) => {
      const schema = schemaAt(tool.inputSchema, pointer);
      return { pointer, prompt, ...(schema !== undefined && { schema }) };
    });
    const iterations = Array.from({ length: end - first }, (_, n) => first + n);
    const values = iterations.flatMap((iteration) =>
      fillRequests.map(
        (request): ValueToFill =>
          items ? { ...request, iteration, item: items[iteration]! } : { ...request, iteration: null },
      ),
    );
    return fill({ stepId: step.id, values, outputs: await this.loadOutputs() });
  }

  /** The batch of an item: its first item, and the end (exclusive). */
  #batchOf(iteration: number, holes: number): [first: number, end: number] {
    const { items } = this.target;
    if (items === null) return [0, 1];
    this.#starts ??= batchStarts(items, holes);
    const next = this.#starts.findIndex((start) => start > iteration);
    return next < 0 ? [this.#starts.at(-1)!, items.length] : [this.#starts[next - 1]!, this.#starts[next]!];
  }
}

function batchStarts(items: readonly string[], holes: number): number[] {
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
