import { ModelFailure } from '@errand/contracts';
import type { AskModel, Model } from '@errand/ports/model';
import { type ModelOptions, madeByOf, readOptions } from './options.ts';

/** Creates a model for planning. @throws RangeError, TypeError at once if the options cannot work */
export function createModel(options: ModelOptions): Model {
  const settings = readOptions(options);
  const { maxRepairs, maxOutputTokens, maxToolsShown } = settings;
  const madeBy = madeByOf(settings);
  // The SDKs load in the background, and only with a model: they would take a tenth of the start.
  const pendingAsk = import('./ask.ts').then(({ createAsk }) => createAsk(settings));
  return {
    ask: async (...question) => (await pendingAsk)(...question),
    planning: { maxRepairs, maxOutputTokens, maxToolsShown, madeBy },
  };
}

const PAUSE_MS = 60_000;

/** A model with a second one, which answers while the endpoint of the first fails for any reason. */
export function withFallback(first: Model, second: Model): Model {
  let asksSecondUntil = Number.NEGATIVE_INFINITY;
  const ask: AskModel = async (prompt, usage) => {
    if (performance.now() < asksSecondUntil) return second.ask(prompt, usage);
    try {
      return await first.ask(prompt, usage);
    } catch (error) {
      if (!(error instanceof ModelFailure) || prompt.signal.aborted) throw error;
      asksSecondUntil = performance.now() + PAUSE_MS;
      return second.ask(prompt, usage);
    }
  };
  return { ask, planning: first.planning };
}
