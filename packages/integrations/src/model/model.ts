import type { Model } from '@errand/ports/model';
import { type ModelOptions, madeByOf, readOptions } from './options.ts';

/** A model that plans can be made with. @throws RangeError, TypeError at once when the options cannot work */
export function createModel(options: ModelOptions): Model {
  const settings = readOptions(options);
  const { maxRepairs, maxOutputTokens, maxToolsShown } = settings;
  const madeBy = madeByOf(settings);
  // The SDKs would take a tenth of the start: they load beside it, and only when there is a model.
  const asking = import('./ask.ts').then(({ createAsk }) => createAsk(settings));
  return {
    ask: async (...question) => (await asking)(...question),
    planning: { maxRepairs, maxOutputTokens, maxToolsShown, madeBy },
  };
}
