// The outcome of a run, its usage, and its budget.
import { z } from 'zod';
import { RunErrorCode } from '../base/error.ts';
import { cost, count, doc, flag, optionalLimit, text } from '../base/fields.ts';
import { ErrorValues } from '../base/problem-values.ts';

export const RunError = z
  .object({
    code: RunErrorCode,
    message: text('What went wrong and, if useful, what to do, for people.', 'No tool fits the intent.'),
    retryable: flag(
      'Whether the same errand may succeed in a new run. Always false if a write was made, may have been made, or was about to be made: the new run would repeat it.',
      false,
    ),
    errors: z
      .array(
        z.object({
          pointer: text('Where, as a JSON pointer.', '/steps/0/args'),
          message: text('What is wrong there.', 'Unknown field'),
        }),
      )
      .optional()
      .meta({
        description:
          'For developers: the parts at fault, by JSON pointer into the plan, the result or the request, if known.',
      }),
    values: ErrorValues.optional(),
  })
  .meta({ id: 'RunError', description: 'Why a run did not succeed.' });
export type RunError = z.infer<typeof RunError>;

export const Summary = z.string().meta({
  id: 'Summary',
  description:
    'One or two sentences for people, at most 500 characters: what the run did or found, or why it did not succeed. Absent until its end, and after its outputs were removed.',
  examples: ['Found 3 deals of Northwind with amount at least 50,000.'],
});

export const Usage = z
  .object({
    steps: count('Steps taken.', 2),
    toolCalls: count('Calls of tools, retries included.', 2),
    inputTokens: count('Tokens read by models.', 0),
    cachedInputTokens: count('The `inputTokens` that endpoints read from their caches.', 0),
    outputTokens: count('Tokens written by models.', 0),
    cost: cost('The cost of models, by the price table of the service. Absent if no model was used.', 0.0042),
    priceUnknown: z
      .literal(true)
      .optional()
      .meta(doc('Set instead of `cost` if the price of a model is not in the table.', true)),
    activeMs: count('Active time in ms, without waiting for people.', 42),
  })
  .meta({ id: 'Usage', description: 'The steps, calls, tokens and time that the run has used so far.' });
export type Usage = z.infer<typeof Usage>;

export const Budget = z
  .strictObject({
    maxSteps: optionalLimit(1000, 'Maximum number of steps.', 20),
    maxToolCalls: optionalLimit(10_000, 'Maximum number of calls of tools.', 50),
    maxTokens: optionalLimit(100_000_000, 'Maximum number of tokens, read and written.', 100_000),
    maxSeconds: z
      .number()
      .positive()
      .max(86_400)
      .optional()
      .meta(doc('Maximum active time in seconds, without waiting for people.', 300)),
    maxOutputBytes: z
      .int()
      .min(1)
      .max(2 ** 30)
      .optional()
      .meta(doc('Maximum size of the arguments and answers of all calls, in bytes of JSON.', 8_388_608)),
  })
  .meta({ id: 'Budget', description: 'Limits of a run. A run that reaches one ends with its completed work.' });
export type Budget = z.infer<typeof Budget>;
