import type { Json, ToolSpec } from '@errand/contracts';
import type { StepEnd } from '@errand/plan';
import type { Span } from '@errand/ports/observer';

type CallToTrace = { step: { id: string }; tool: ToolSpec; toolCallId: string; attempt: number; args: Json };

/** The spans of the steps of an activation. The span of a step begins with the first call that this activation sends. */
export class StepSpans {
  readonly #open = new Map<string, Span>();

  constructor(private readonly activation: Span) {}

  /** Begins the span of an attempt at a call. */
  beginCall({ step, tool, toolCallId, attempt, args }: CallToTrace): Span {
    let span = this.#open.get(step.id);
    if (!span) {
      span = this.activation.begin({ kind: 'step', stepId: step.id, tool: tool.name });
      this.#open.set(step.id, span);
    }
    return span.begin({ kind: 'call', tool, toolCallId, attempt, args });
  }

  /** Ends the span of a step that has ended; a step that failed before any call gets one of its own. */
  endStep(step: { id: string; tool: string }, { state, error }: Pick<StepEnd, 'state' | 'error'>): void {
    const open = this.#open.get(step.id);
    this.#open.delete(step.id);
    const isFault = state === 'failed' || state === 'denied';
    const span =
      open ?? (isFault ? this.activation.begin({ kind: 'step', stepId: step.id, tool: step.tool }) : undefined);
    span?.end({ state, ...(isFault && error && { error: error.code }) });
  }

  /** Ends the spans of steps that continue in another activation. */
  close(): void {
    for (const span of this.#open.values()) span.end({ state: 'unfinished' });
    this.#open.clear();
  }
}
