import { AnswerByForm, AnswerByLink, AnsweredQuestion, QuestionView } from '@errand/contracts';
import type { DocumentOptions } from '@errand/trpc-openapi';
import examples from '../examples.gen.json' with { type: 'json' };
import { FORM_TYPE } from './answer/submission.ts';

const example = (value: unknown) => ({ examples: { answer: { value } } });
const page = { 'text/html': { schema: { type: 'string' as const } } };

/** The routes of the page of a question, for the document. They also answer pages, so they are no operations of the contract. */
export const questionPaths: NonNullable<DocumentOptions['paths']> = (refusals) => ({
  '/v1/runs/question': {
    get: {
      tags: ['Decisions'],
      operationId: 'questionsShow',
      summary: 'Show a question',
      description:
        'The link of a `question` event leads here; its token is the permission, and no API key is needed. With `Accept: text/html` a page on which to answer, else JSON. Looking never answers.',
      security: [],
      parameters: [
        {
          in: 'query' as const,
          name: 'token',
          required: true,
          description: 'The token of the link. No other parameter is accepted.',
          schema: { type: 'string' as const, examples: ['AZLw…'] },
        },
      ],
      responses: {
        '200': {
          description: 'The question and its state; the answer, if there is one.',
          content: {
            ...page,
            'application/json': { schema: QuestionView, ...example(examples['questions.show']) },
          },
        },
        ...refusals(
          'validation_failed',
          'question_not_found',
          'question_gone',
          'rate_limited',
          'unavailable',
          'internal',
        ),
      },
    },
    post: {
      tags: ['Decisions'],
      security: [],
      operationId: 'questionsAnswerByLink',
      summary: 'Answer by link',
      description:
        'Answers a question, once; the same answer again is answered the same. The token is the permission. The form of the page is accepted, too, with the cookie that the page has set.',
      requestBody: {
        required: true,
        content: { 'application/json': { schema: AnswerByLink }, [FORM_TYPE]: { schema: AnswerByForm } },
      },
      responses: {
        '200': {
          description: 'The answer.',
          content: {
            'application/json': { schema: AnsweredQuestion, ...example(examples['questions.answer']) },
            ...page,
          },
        },
        ...refusals(
          'validation_failed',
          'invalid_json',
          'csrf_failed',
          'question_not_found',
          'question_already_answered',
          'question_gone',
          'body_too_large',
          'unsupported_media_type',
          'rate_limited',
          'unavailable',
          'internal',
        ),
      },
    },
  },
});
