import type { Model } from '@errand/planner';
import { createAsk } from './ask.ts';
import { type ModelOptions, readOptions } from './options.ts';

/** A model that plans can be made with. @throws RangeError, TypeError at once when the options cannot work */
export function createModel(options: ModelOptions): Model {
  const settings = readOptions(options);
  const { provider, model, maxRepairs, maxOutputTokens, maxToolsShown } = settings;
  const madeBy = `model:${provider}/${model}`;
  return { ask: createAsk(settings), planning: { maxRepairs, maxOutputTokens, maxToolsShown, madeBy } };
}
