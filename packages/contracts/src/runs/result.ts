import { z } from 'zod';
import { RunErrorCode } from '../base/error.ts';

export const RunError = z
  .object({
    code: RunErrorCode,
    message: z.string().meta({
      description: 'What went wrong and, where that helps, what to do: words for people.',
      examples: ['No tool fits the intent.'],
    }),
    retryable: z.boolean().meta({
      description:
        'Whether the same run may succeed when it is created again. Always false once a write was made, may have been made, or was about to be: the new run would make it a second time.',
      examples: [false],
    }),
    errors: z
      .array(
        z.object({
          pointer: z.string().meta({ description: 'Where, as a JSON pointer.', examples: ['/steps/0/args'] }),
          message: z.string().meta({ description: 'What is wrong there.', examples: ['Unknown field'] }),
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
    steps: z
      .int()
      .min(0)
      .meta({ description: 'Steps taken.', examples: [2] }),
    toolCalls: z
      .int()
      .min(0)
      .meta({ description: 'Calls of tools, retries included.', examples: [2] }),
    inputTokens: z
      .int()
      .min(0)
      .meta({ description: 'Tokens read by models.', examples: [0] }),
    cachedInputTokens: z
      .int()
      .min(0)
      .meta({ description: 'Those of `inputTokens` that the endpoints had in their caches.', examples: [0] }),
    outputTokens: z
      .int()
      .min(0)
      .meta({ description: 'Tokens written by models.', examples: [0] }),
    cost: z
      .object({
        amount: z
          .number()
          .min(0)
          .meta({ description: 'In units of the currency.', examples: [0.0042] }),
        currency: z.string().meta({ description: 'ISO 4217.', examples: ['USD'] }),
      })
      .optional()
      .meta({
        description: 'What the models cost, by the price table of the service. Absent while no model was asked.',
        examples: [{ amount: 0.0042, currency: 'USD' }],
      }),
    priceUnknown: z
      .literal(true)
      .optional()
      .meta({
        description: 'Set instead of `cost` when the price of a model that was asked is not in the table.',
        examples: [true],
      }),
    activeMs: z
      .int()
      .min(0)
      .meta({ description: 'Time at work, in ms; waiting for humans does not count.', examples: [42] }),
  })
  .meta({ id: 'Usage', description: 'What the run has used so far.' });
export type Usage = z.infer<typeof Usage>;

export const Budget = z
  .strictObject({
    maxSteps: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .meta({ description: 'Most steps.', examples: [20] }),
    maxToolCalls: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .meta({ description: 'Most calls of tools.', examples: [50] }),
    maxTokens: z
      .int()
      .min(1)
      .max(100_000_000)
      .optional()
      .meta({ description: 'Most tokens, read and written.', examples: [100_000] }),
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
