// Plans and calls as text for people, with the origins of their arguments.
import { z } from 'zod';
import { doc, oneOf, optionalText, text } from '../base/fields.ts';
import { Effect, StepId, ToolCallId } from '../base/scalars.ts';

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

const sentence = text(
  'The call as a sentence, without the final period.',
  'Create a ticket for Northwind at Demo CRM with priority high',
);

export const ArgumentInWords = z
  .object({
    pointer: text('JSON pointer into the arguments.', '/body/accountId'),
    label: text('Its label.', 'account id'),
    text: text('Its value, as text.', 'acc_000001'),
    name: optionalText('If the value is an id: the name of the object, as an earlier step found it.', 'Northwind'),
    origin: text(
      'Where the value comes from: the intent, the context, a step and what it found, a model, the time of the run, or the plan.',
      'found by List accounts',
    ),
    // Absent in words that an earlier version stored.
    from: ArgOrigin.shape.from.optional(),
    stepId: ArgOrigin.shape.stepId,
    path: ArgOrigin.shape.path,
  })
  .meta({ id: 'ArgumentInWords', description: 'An argument, for people.' });
export type ArgumentInWords = z.infer<typeof ArgumentInWords>;

const callFields = {
  sentence,
  reason: optionalText('The reason in the plan.', 'They asked for a call back'),
  args: z.array(ArgumentInWords).meta({ description: 'Its arguments, at most 100.' }),
};

export const CallInWords = z
  .object({
    ...callFields,
    calls: z
      .array(z.object({ toolCallId: ToolCallId, sentence }))
      .optional()
      .meta({
        description: 'The first 50 calls, if one approval covers several calls of a step. `args` is then empty.',
      }),
  })
  .meta({ id: 'CallInWords', description: 'A call, for people: names instead of ids.' });
export type CallInWords = z.infer<typeof CallInWords>;

export const StepInWords = z
  .object({
    ...callFields,
    integration: optionalText('The name of the integration that it calls.', 'Demo CRM'),
    effect: Effect,
    notes: z.array(z.string()).meta(doc('When and how often it runs.', ['once for each item found in 1'])),
  })
  .meta({ id: 'StepInWords', description: 'A step of a plan, for people.' });
export type StepInWords = z.infer<typeof StepInWords>;

export const PlanInWords = z
  .object({
    goal: text('What the plan achieves.', 'Deals over 50000 of Northwind'),
    steps: z
      .array(StepInWords)
      .meta({ description: 'Its steps, in the order of the plan. Sentences refer to them by number.' }),
    result: optionalText('Its result.', 'deals from 2 and owners from 3'),
  })
  .meta({ id: 'PlanInWords', description: 'A plan, for people.' });
export type PlanInWords = z.infer<typeof PlanInWords>;
