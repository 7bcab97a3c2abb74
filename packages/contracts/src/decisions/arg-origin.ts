import { z } from 'zod';
import { oneOf, optionalText, text } from '../base/fields.ts';
import { StepId } from '../base/ids.ts';

/** Where the value of an argument comes from. */
export const ArgOrigin = z
  .object({
    from: oneOf(
      ['literal', 'intent', 'context', 'input', 'user', 'now', 'step', 'item', 'model'],
      'literal: set by the plan. step: found by an earlier step. item: from an item of a list that a step found. model: written by a model. now: computed from the time of the run.',
      'step',
    ),
    stepId: StepId.optional().meta({ description: 'The step that found it.', examples: ['account'] }),
    path: optionalText('Where in the output of that step, if it is a plain path.', 'items[0].id'),
    text: text('The same as text.', 'found by List accounts'),
  })
  .meta({ id: 'ArgOrigin', description: 'Where the value of an argument comes from.' });
export type ArgOrigin = z.infer<typeof ArgOrigin>;

export const ArgOrigins = z.record(z.string(), ArgOrigin).meta({
  description: 'Where each argument comes from, by JSON pointer into the arguments.',
  examples: [
    { '/body/accountId': { from: 'step', stepId: 'account', path: 'items[0].id', text: 'found by List accounts' } },
  ],
});
