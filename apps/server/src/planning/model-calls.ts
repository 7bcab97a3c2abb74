import type { SystemStatus } from '@errand/contracts';
import type { Model } from '@errand/ports/model';

/** Remembers the outcome of the last request of this process to its model. */
export class ModelCalls {
  #last: SystemStatus['model']['lastCall'];

  get last(): SystemStatus['model']['lastCall'] {
    return this.#last;
  }

  watch(model: Model): Model {
    const record = (succeeded: boolean) => {
      this.#last = { at: new Date().toISOString(), succeeded };
    };
    return {
      ...model,
      ask: async (prompt, usage) => {
        const span = prompt.span?.begin({ kind: 'model', model: model.planning.madeBy });
        const before = { ...usage };
        const used = () => ({
          inputTokens: usage.inputTokens - before.inputTokens,
          outputTokens: usage.outputTokens - before.outputTokens,
        });
        try {
          const answer = await model.ask(prompt, usage);
          record(true);
          span?.end({ madeBy: answer.madeBy, usage: used() });
          return answer;
        } catch (error) {
          span?.end({ error: prompt.signal.aborted ? 'aborted' : 'model_failed', usage: used() });
          // A cancelled run proves nothing about the model.
          if (!prompt.signal.aborted) record(false);
          throw error;
        }
      },
    };
  }
}
