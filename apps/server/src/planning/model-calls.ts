import { type Guarded, guardedBy } from '@errand/basics/guarded';
import { addUsage, type SystemStatus, type TokenUsage } from '@errand/contracts';
import type { Model } from '@errand/ports/model';
import type { ModelRequest } from '../metrics/business-events.ts';

/** Remembers the outcome of the last request of this process to its model. */
export class ModelCalls {
  #last: SystemStatus['model']['lastCall'];
  readonly #guarded: Guarded;

  /** @param onEnd called after each request @param onFault called with its first exception, which changes nothing else */
  constructor(
    private readonly onEnd: (request: ModelRequest) => void = () => {},
    onFault: (error: unknown) => void = () => {},
  ) {
    this.#guarded = guardedBy(onFault);
  }

  get last(): SystemStatus['model']['lastCall'] {
    return this.#last;
  }

  watch(model: Model): Model {
    const record = (succeeded: boolean) => {
      this.#last = { at: new Date().toISOString(), succeeded };
    };
    return {
      ...model,
      ask: async (prompt, total) => {
        const span = prompt.span?.begin({ kind: 'model', model: model.planning.madeBy });
        const startedAt = performance.now();
        const usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
        let madeBy = model.planning.madeBy;
        let succeeded = false;
        try {
          const answer = await model.ask(prompt, usage);
          madeBy = answer.madeBy ?? madeBy;
          succeeded = true;
          record(true);
          span?.end({ madeBy: answer.madeBy, usage });
          return answer;
        } catch (error) {
          span?.end({ error: prompt.signal.aborted ? 'aborted' : 'model_failed', usage });
          // A cancelled run proves nothing about the model.
          if (!prompt.signal.aborted) record(false);
          throw error;
        } finally {
          addUsage(total, usage);
          const ms = performance.now() - startedAt;
          this.#guarded(() => this.onEnd({ model: madeBy.replace(/^model:/, ''), ms, succeeded, usage }));
        }
      },
    };
  }
}
