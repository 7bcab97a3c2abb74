import type { Model } from '@errand/ports/model';
import { type ModelOptions, madeByOf, readOptions } from './options.ts';

/** Creates a model for planning. @throws RangeError, TypeError at once if the options cannot work */
export function createModel(options: ModelOptions): Model {
  const settings = readOptions(options);
  const { maxRepairs, maxOutputTokens, maxToolsShown } = settings;
  const madeBy = madeByOf(settings);
  // The SDKs load in the background, and only with a model: they would take a tenth of the start.
  const asking = import('./ask.ts').then(({ createAsk }) => createAsk(settings));
  return {
    ask: async (...question) => (await asking)(...question),
    planning: { maxRepairs, maxOutputTokens, maxToolsShown, madeBy },
  };
}
