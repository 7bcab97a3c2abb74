import type { Model } from '@errand/planner';
import { createAsk } from './ask.ts';
import { type ModelOptions, madeByOf, readOptions } from './options.ts';

/** A model that plans can be made with. @throws RangeError, TypeError at once when the options cannot work */
export function createModel(options: ModelOptions): Model {
  const settings = readOptions(options);
  const { maxRepairs, maxOutputTokens, maxToolsShown } = settings;
  const madeBy = madeByOf(settings);
  return { ask: createAsk(settings), planning: { maxRepairs, maxOutputTokens, maxToolsShown, madeBy } };
}
