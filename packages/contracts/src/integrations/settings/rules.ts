// The rules by which calls of an integration read the answers of its service.
import { z } from 'zod';
import { doc, optionalOneOf } from '../../base/fields.ts';
import { Json } from '../../base/json.ts';
import { answerPath } from '../variables/variables.ts';

const words = (description: string, example: string) =>
  z
    .array(z.string().min(1).max(100))
    .min(1)
    .max(50)
    .optional()
    .meta(doc(description, [example]));

const header = (description: string, example: string) =>
  z
    .string()
    .max(100)
    .regex(/^[\w-]+$/, 'Must be a header name.')
    .optional()
    .meta(doc(description, example));

const AnswerRules = z
  .strictObject({
    okPath: answerPath.optional().meta(doc('The member of the answer that tells success.', 'ok')),
    okValue: Json.optional().meta(doc('Its value in an answer of success. Default: any but false, null and 0.', true)),
    errorPath: answerPath.optional().meta(doc('The member with the word for the error.', 'error')),
    authErrors: words('Words for a credential that the service refuses.', 'invalid_auth'),
    limitErrors: words('Words for a limit of requests.', 'ratelimited'),
    noEffectErrors: words(
      'Words for a refusal that surely changed nothing. Default: every error with okPath.',
      'channel_not_found',
    ),
  })
  .meta({ id: 'AnswerRules', description: 'How answers tell success, whatever their status.' });

const LimitRules = z
  .strictObject({
    statuses: z
      .array(z.int().min(400).max(599))
      .min(1)
      .max(10)
      .optional()
      .meta(
        doc(
          'Statuses that can mean a limit, besides 429: they do with Retry-After, if `remaining` is 0, or with a word of `words`. Default with `words`: 400 and 403.',
          [403],
        ),
      ),
    words: words(
      'Words in the body that mean a limit: at the errorPath of `answers`, or anywhere in the first 2 KiB.',
      'rateLimitExceeded',
    ),
    remaining: header('The header with the number of further requests.', 'x-ratelimit-remaining'),
    reset: header('The header that tells when the limit ends.', 'x-ratelimit-reset'),
    resetUnit: optionalOneOf(
      ['s', 'ms', 'epoch_s', 'epoch_ms', 'iso'],
      'The unit of `reset`. s, ms: from now. epoch_s, epoch_ms: since 1970. iso: a date. Default: by its size.',
      'epoch_s',
    ),
    requests: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .meta(doc('Requests of a user that the service takes in `perSeconds`. Further ones wait.', 50)),
    perSeconds: z.int().min(1).max(86_400).optional().meta(doc('Default: 1.', 60)),
  })
  .meta({ id: 'LimitRules', description: 'How the service tells a limit of requests.' });

const PageRules = z
  .strictObject({
    items: answerPath.optional().meta(doc('The list in the answer.', 'value')),
    next: answerPath
      .optional()
      .meta(doc('The member that leads to the next page; none or an empty one: the end.', 'next_cursor')),
    into: z.string().min(1).max(200).optional().meta(doc('The argument that takes it.', 'query.cursor')),
    linkIn: answerPath
      .optional()
      .meta(
        doc('The member with the URL of the next page. Its query parameters are `link` in plans.', 'next_page_uri'),
      ),
  })
  .meta({ id: 'PageRules', description: 'How the service divides a list into pages.' });

const TestRule = z
  .strictObject({
    operation: z
      .string()
      .min(1)
      .max(200)
      .meta(doc('The operation that tests a credential, by its name in tools. It need not be enabled.', 'auth_test')),
    arguments: z
      .record(z.string(), Json)
      .optional()
      .meta(doc('Its arguments.', { query: { limit: 1 } })),
    who: answerPath.optional().meta(doc('The member of the answer that names the account.', 'user.login')),
  })
  .meta({ id: 'TestRule', description: 'The operation that tests a credential. It must change nothing.' });

/** Maximum size of all rules of an integration, in characters of JSON. */
const MAX_CHARS = 65_536;

export type TestRule = z.infer<typeof TestRule>;

export const Rules = z
  .strictObject({
    answers: AnswerRules.optional(),
    limits: LimitRules.optional(),
    pages: z
      .record(z.string().min(1).max(200), PageRules)
      .refine((pages) => Object.keys(pages).length <= 200, 'At most 200 operations.')
      .optional()
      .meta(doc('By operation; `*`: all others.', { '*': { linkIn: 'next_page' } })),
    test: TestRule.optional(),
    traceparent: z
      .boolean()
      .optional()
      .meta(
        doc(
          'Whether calls carry `traceparent` (W3C Trace Context), whose trace id is the id of the run. Default: false.',
          true,
        ),
      ),
  })
  .refine((rules) => JSON.stringify(rules).length <= MAX_CHARS, `At most ${MAX_CHARS} characters of JSON.`)
  .meta({
    id: 'IntegrationRules',
    description: 'How calls read the answers of the service, and whether they name their trace.',
  });
export type Rules = z.infer<typeof Rules>;
export type PageRules = z.infer<typeof PageRules>;
