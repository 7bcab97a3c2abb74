import { z } from 'zod';
import { RunErrorCode } from '../base/error.ts';
import { cost, count, flag, optionalLimit, text } from '../base/fields.ts';

export const RunError = z
  .object({
    code: RunErrorCode,
    message: text('What went wrong and, if useful, what to do, for people.', 'No tool fits the intent.'),
    retryable: flag(
      'Whether the same run may succeed when it is created again. Always false once a write was made, may have been made, or was about to be: the new run would make it a second time.',
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
          'For developers: the parts at fault, by JSON pointer into the plan, the result or the request, where they are known.',
      }),
  })
  .meta({ id: 'RunError', description: 'Why a run did not succeed.' });
export type RunError = z.infer<typeof RunError>;

export const Summary = z.string().meta({
  id: 'Summary',
  description:
    'What the run has done or found, in a sentence or two for people, of at most 500 characters; why not, when it did not succeed. Absent while it runs, and once its outputs were removed.',
  examples: ['Found 3 deals of Northwind with amount at least 50,000.'],
});

export const Usage = z
  .object({
    steps: count('Steps taken.', 2),
    toolCalls: count('Calls of tools, retries included.', 2),
    inputTokens: count('Tokens read by models.', 0),
    cachedInputTokens: count('Those of `inputTokens` that the endpoints had in their caches.', 0),
    outputTokens: count('Tokens written by models.', 0),
    cost: cost('What the models cost, by the price table of the service. Absent while no model was asked.', 0.0042),
    priceUnknown: z
      .literal(true)
      .optional()
      .meta({
        description: 'Set instead of `cost` when the price of a model that was asked is not in the table.',
        examples: [true],
      }),
    activeMs: count('Time at work, in ms; waiting for humans does not count.', 42),
  })
  .meta({ id: 'Usage', description: 'What the run has used so far.' });
export type Usage = z.infer<typeof Usage>;

export const Budget = z
  .strictObject({
    maxSteps: optionalLimit(1000, 'Most steps.', 20),
    maxToolCalls: optionalLimit(10_000, 'Most calls of tools.', 50),
    maxTokens: optionalLimit(100_000_000, 'Most tokens, read and written.', 100_000),
    maxSeconds: z
      .number()
      .positive()
      .max(86_400)
      .optional()
      .meta({ description: 'Most seconds at work; waiting for humans does not count.', examples: [300] }),
    maxOutputBytes: z
      .int()
      .min(1)
      .max(2 ** 30)
      .optional()
      .meta({
        description: 'Most bytes of JSON that its calls may answer, together with what they are given.',
        examples: [8_388_608],
      }),
  })
  .meta({ id: 'Budget', description: 'Limits of a run. Reaching one ends it with all done work kept.' });
export type Budget = z.infer<typeof Budget>;
