// Input requests: a service asks the user something in the middle of a call.
import { mutation, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { OnBehalfOf } from '../access/claimed-person.ts';
import { codes } from '../base/error.ts';
import { answeredBy, csrf, doc, linkToken, oneOf, optionalTime, storableText, text } from '../base/fields.ts';
import { JsonSchema } from '../base/json.ts';
import { CustomerIntegrationId, MAX_URL, QuestionId, RunId, Timestamp, UserId } from '../base/scalars.ts';

/** Limits of input requests: forms at once, and the size of each. */
export const INPUT_LIMITS = { requests: 5, fields: 30, letters: 1000, schemaBytes: 16 * 1024, url: MAX_URL } as const;
/** The longest text in a field of an answer, and the characters of the whole as JSON. */
const MAX_FIELD_LENGTH = 4000;
const MAX_ANSWER_LENGTH = 32_000;

/** An input request: in the middle of a call, a service asks the user to fill in a form or to open a page. */
export type InputRequest = {
  /** Its name, as the service chose it. */
  name: string;
  message: string;
} & ({ requestedSchema: JsonSchema } | { openUrl: string });

export const requestedSchema = JsonSchema.meta({
  description:
    'The form of a question or an input request: a flat JSON Schema with texts, numbers, booleans or choices as properties.',
});
export const openUrl = text(
  'A page of the service for the user to open. Show its host, and open it only if the user agrees; then answer with accept.',
  'https://pay.example.com/confirm/4711',
);

const enteredText = storableText(MAX_FIELD_LENGTH);
const content = z
  .record(
    z.string().max(128),
    z
      .union([enteredText, z.number(), z.boolean(), z.array(enteredText).max(50)])
      .meta({ description: 'The entered value.' }),
  )
  .refine(
    (values) => JSON.stringify(values).length <= MAX_ANSWER_LENGTH,
    `Must have at most ${MAX_ANSWER_LENGTH} characters.`,
  )
  .meta(
    doc('The entered values, by the names of the form. Only with accept, and not for a page to open.', { seats: 2 }),
  );

export const InputAction = oneOf(
  ['accept', 'decline', 'cancel'],
  'accept: `content` is the answer, or the page was opened. decline: the user refuses to answer. cancel: the user dismissed the request. The service receives the action.',
  'accept',
);
export type InputAction = z.infer<typeof InputAction>;

export const AnswerInputInput = z
  .strictObject({
    requestId: QuestionId,
    action: InputAction,
    content: content.optional(),
    onBehalfOf: OnBehalfOf.optional(),
  })
  .meta({ id: 'AnswerInput', description: 'An answer to an input request.' });
export type AnswerInputInput = z.output<typeof AnswerInputInput>;
export type InputAnswer = Omit<AnswerInputInput, 'requestId' | 'onBehalfOf'>;

export const AnsweredInput = z
  .object({ requestId: QuestionId, runId: RunId, action: InputAction, answeredBy, answeredAt: Timestamp })
  .meta({ id: 'AnsweredInput', description: 'An answered input request.' });
export type AnsweredInput = z.infer<typeof AnsweredInput>;

/** An input request, for a program with its link. */
export const InputView = z
  .object({
    requestId: QuestionId,
    runId: RunId,
    userId: UserId,
    customerIntegrationId: CustomerIntegrationId,
    intent: text('What the run is for.', 'Book a table for two'),
    text: text('The question of the service.', 'How many seats?'),
    requestedSchema: requestedSchema.optional(),
    openUrl: openUrl.optional(),
    expiresAt: optionalTime('When it expires without an answer.'),
    state: oneOf(['pending', 'answered', 'gone'], 'gone: expired, or the run has ended.', 'pending'),
    action: InputAction.optional(),
    answeredBy,
  })
  .meta({ id: 'InputView', description: 'An input request and its state.' });
export type InputView = z.infer<typeof InputView>;

/** An answer by link, as a program sends it. */
export const AnswerInputByLink = AnswerInputInput.omit({ requestId: true, onBehalfOf: true })
  .extend({ token: linkToken })
  .meta({ id: 'AnswerInputByLink', description: 'An answer by the holder of a link.' });

/** An answer by link, as the form of the page sends it. Each field of the form is sent as `in/<name>`. */
export const AnswerInputByForm = z
  .strictObject({ token: linkToken, csrf, action: InputAction })
  .meta({ id: 'AnswerInputByForm', description: 'An answer on the page.' });

export const inputOperations = withTag('Decisions', {
  answer: mutation({
    input: AnswerInputInput,
    output: AnsweredInput,
    scope: 'approvals:decide',
    errors: codes('input_not_found', 'input_gone', 'input_already_answered'),
    http: {
      route: 'POST /v1/inputs/{requestId}',
      summary: 'Answer an input request',
      success: 'The answer.',
      description:
        'Answers a request of a service for user input once; the call then continues. `content` must match the form. Repeating the answer returns the same result; a different answer is rejected. The four-eyes rule does not apply, because the answer approves nothing.',
    },
  }),
});
