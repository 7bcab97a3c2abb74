import type { Model } from '@errand/planner';
import { type ModelOptions, madeByOf, readOptions } from './options.ts';

/** A model that plans can be made with. @throws RangeError, TypeError at once when the options cannot work */
export function createModel(options: ModelOptions): Model {
  const settings = readOptions(options);
  const { maxRepairs, maxOutputTokens, maxToolsShown } = settings;
  const madeBy = madeByOf(settings);
  // To load the SDKs takes a tenth as long as to start the service: nobody waits for them but the first plan, and without a model nobody.
  const asking = import('./ask.ts').then(({ createAsk }) => createAsk(settings));
  return {
    ask: async (...question) => (await asking)(...question),
    planning: { maxRepairs, maxOutputTokens, maxToolsShown, madeBy },
  };
}
