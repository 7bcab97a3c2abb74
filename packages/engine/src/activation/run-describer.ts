import type { CallInWords, Json, Plan, ToolSpec } from '@errand/contracts';
import {
  type AnsweredQuestion,
  callWords,
  type DoneStep,
  type Invocation,
  type Names,
  PlanView,
  type RunRequest,
  summaryOf,
} from '@errand/plan';
import type { Log } from '@errand/ports/log';
import type { Outputs } from './outputs.ts';

/** Describes a run: its calls before their approval, and its outcome at the end. */
export class RunDescriber {
  readonly #view: PlanView;

  /** Names of things, by the step that needs them: all earlier steps have ended. */
  readonly #names = new Map<string, Promise<Names>>();

  constructor(
    { plan, tools }: { plan: Plan; tools: readonly ToolSpec[] },
    private readonly run: RunRequest & { runId: string },
    private readonly outputs: Outputs,
    private readonly log: Log,
  ) {
    this.#view = new PlanView(plan, tools);
  }

  async describeCall({ step, tool, args, item }: Invocation): Promise<CallInWords> {
    const call = { step, tool, args, ...(item !== undefined && { item: JSON.parse(item) as Json }) };
    const names = this.#names.get(step.id) ?? this.outputs.names(this.#view.withAncestors([step.id]));
    this.#names.set(step.id, names);
    return callWords(this.#view, call, { names: await names, request: this.run });
  }

  /** A sentence about the writes and the result; undefined when there are none. */
  async summarize(
    done: readonly DoneStep[],
    questions: readonly AnsweredQuestion[],
    result: Json | undefined,
  ): Promise<string | undefined> {
    if (result === undefined && !done.some(({ tool }) => tool.effect === 'write')) return undefined;
    try {
      const names = await this.outputs.names(this.#view.withAncestors(done.map(({ stepId }) => stepId)));
      return summaryOf(this.#view, { done, questions, result, names, request: this.run });
    } catch (error) {
      // A run must not fail because of its summary.
      this.log.error({ err: error, runId: this.run.runId }, 'A run has no summary.');
      return undefined;
    }
  }
}
