import { addUsage, type SystemStatus, type TokenUsage } from '@errand/contracts';
import type { Model } from '@errand/ports/model';
import type { ModelRequest } from '../metrics/business-events.ts';

/** Remembers the outcome of the last request of this process to its model. */
export class ModelCalls {
  #last: SystemStatus['model']['lastCall'];

  /** @param onEnd called after each request */
  constructor(private readonly onEnd: (request: ModelRequest) => void = () => {}) {}

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
          this.onEnd({ model: madeBy.replace(/^model:/, ''), ms: performance.now() - startedAt, succeeded, usage });
        }
      },
    };
  }
}
