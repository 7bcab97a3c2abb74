// Questions of a plan or its planner to the people of a run.
import { mutation, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { OnBehalfOf } from '../access/claimed-person.ts';
import { codes } from '../base/error.ts';
import { answeredBy, csrf, doc, linkToken, oneOf, optionalTime, storableText, text } from '../base/fields.ts';
import type { JsonSchema } from '../base/json.ts';
import { QuestionId, RunId, Timestamp, UserId } from '../base/scalars.ts';
import { requestedSchema } from './input.ts';
import { FormAnswer, formAnswerText, QuestionFields } from './question-fields.ts';

/** The largest question: its text, its choices, and all of it as JSON text in bytes. */
export const QUESTION_LIMITS = { textLength: 1000, choices: 20, label: 200, value: 500, bytes: 8192 } as const;
/** The longest answer in a person's own words. */
const MAX_ANSWER_LENGTH = 4000;

const choiceLabel = z
  .string()
  .min(1)
  .max(QUESTION_LIMITS.label)
  .meta(doc('What the person reads.', 'Alex Kim, Contoso'));
const choiceValue = z
  .union([z.string().min(1).max(QUESTION_LIMITS.value), z.number(), z.boolean()])
  .meta({ description: 'The answer when it is chosen.', examples: ['con_000017'] });

/** A question as plans and planners write it. */
export const Question = z.strictObject({
  question: z
    .string()
    .min(1)
    .max(QUESTION_LIMITS.textLength)
    .meta({ description: 'The question, for people.', examples: ['Which Alex do you mean?'] }),
  choices: z
    .array(z.union([choiceLabel, z.strictObject({ value: choiceValue, label: choiceLabel })]))
    .min(1)
    .max(QUESTION_LIMITS.choices)
    .optional()
    .meta({
      description: 'The answers to choose from: texts, or values with labels. Without them people answer in words.',
      examples: [[{ value: 'con_000017', label: 'Alex Kim, Contoso' }]],
    }),
  fields: QuestionFields.optional(),
});
export type Question = z.infer<typeof Question>;

/** The same as a JSON Schema. */
export const questionJsonSchema: JsonSchema = z.toJSONSchema(Question, { target: 'draft-7' });

export const Choice = z
  .object({ value: choiceValue, label: choiceLabel })
  .meta({ id: 'Choice', description: 'An answer to choose, with its label.' });
export type Choice = z.infer<typeof Choice>;

/** The choices of a question. A text is both the value and the label. */
export const choicesOf = ({ choices }: Question): Choice[] | undefined =>
  choices?.map((choice) => (typeof choice === 'string' ? { value: choice, label: choice } : choice));

export const Choices = z
  .array(Choice)
  .meta({ description: 'The answers to choose from. Absent if people answer in words.' });

const answer = z.union([storableText(MAX_ANSWER_LENGTH).min(1), z.number(), z.boolean(), z.null(), FormAnswer]).meta({
  description:
    'The value of the chosen answer; an object that matches `requestedSchema` if there is one; otherwise words. null: no answer, so steps that need it are not executed.',
  examples: ['con_000017'],
});
export type Answer = z.infer<typeof answer>;

/** The choices or the form of a question; neither for answers in words. */
export type AnswerOptions = { choices?: Choice[] | undefined; requestedSchema?: JsonSchema | undefined };

/** An answer as people read it. */
export const answerInWords = (
  { choices, requestedSchema: form }: AnswerOptions,
  answer: NonNullable<Answer>,
): string =>
  typeof answer === 'object'
    ? formAnswerText(form ?? {}, answer)
    : (choices?.find(({ value }) => value === answer)?.label ?? String(answer));

export const AnswerQuestionInput = z
  .strictObject({ requestId: QuestionId, answer, onBehalfOf: OnBehalfOf.optional() })
  .meta({ id: 'AnswerQuestion', description: 'An answer to a question.' });
export type AnswerQuestionInput = z.output<typeof AnswerQuestionInput>;

export const AnsweredQuestion = z
  .object({ requestId: QuestionId, runId: RunId, answer, answeredBy, answeredAt: Timestamp })
  .meta({ id: 'AnsweredQuestion', description: 'An answered question.' });
export type AnsweredQuestion = z.infer<typeof AnsweredQuestion>;

/** A question, for a program with its link. */
export const QuestionView = z
  .object({
    requestId: QuestionId,
    runId: RunId,
    userId: UserId,
    intent: text('What the run is for.', 'Send Alex the offer'),
    question: Question.shape.question,
    choices: Choices.optional(),
    requestedSchema: requestedSchema.optional(),
    expiresAt: optionalTime('When it expires without an answer.'),
    state: oneOf(['pending', 'answered', 'gone'], 'gone: expired, or the run has ended.', 'pending'),
    answer: answer.optional(),
    answeredBy,
  })
  .meta({ id: 'QuestionView', description: 'A question to a person and its state.' });
export type QuestionView = z.infer<typeof QuestionView>;

/** An answer by link, as a program sends it. */
export const AnswerByLink = z
  .strictObject({ token: linkToken, answer })
  .meta({ id: 'AnswerByLink', description: 'An answer by the holder of a link.' });

/** An answer by link, as the form of the page sends it. Each field of the form is sent as `in/<name>`. */
export const AnswerByForm = z
  .strictObject({
    token: linkToken,
    csrf,
    choice: z
      .string()
      .regex(/^\d{1,2}$/)
      .optional()
      .meta({ description: 'The number of the chosen answer, from 0.', examples: ['0'] }),
    text: z
      .string()
      .max(2 * MAX_ANSWER_LENGTH)
      .optional()
      .meta({ description: 'The answer in words.', examples: ['The one in Berlin'] }),
    none: z.literal('true').optional().meta({ description: 'Set for no answer.' }),
  })
  .meta({ id: 'AnswerByForm', description: 'An answer on the page.' });

export const questionOperations = withTag('Decisions', {
  answer: mutation({
    input: AnswerQuestionInput,
    output: AnsweredQuestion,
    scope: 'approvals:decide',
    errors: codes('question_not_found', 'question_gone', 'question_already_answered'),
    http: {
      route: 'POST /v1/questions/{requestId}',
      summary: 'Answer a question',
      success: 'The answer.',
      description:
        'Answers a question of a plan or its planner once; the run then continues. Repeating the answer returns the same result; a different answer is rejected. The four-eyes rule does not apply, because an answer approves nothing.',
    },
  }),
});
