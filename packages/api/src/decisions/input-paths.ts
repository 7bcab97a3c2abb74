import { AnsweredInput, AnswerInputByForm, AnswerInputByLink, InputView } from '@errand/contracts';
import type { DocumentOptions } from '@errand/trpc-openapi';
import examples from '../examples.gen.json' with { type: 'json' };
import { FORM_TYPE } from './answer/submission.ts';

const example = (value: unknown) => ({ examples: { answer: { value } } });
const page = { 'text/html': { schema: { type: 'string' as const } } };

/** The routes of the page on which a user answers a service, for the document. They also answer pages, so they are no operations of the contract. */
export const inputPaths: NonNullable<DocumentOptions['paths']> = (refusals) => ({
  '/v1/runs/input': {
    get: {
      tags: ['Decisions'],
      operationId: 'inputsShow',
      summary: 'Show what a service asks',
      description:
        'The link of an `input` event leads here; its token is the permission, and no API key is needed. With `Accept: text/html` a page on which to answer, else JSON. Looking never answers, and opens nothing.',
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
          description: 'What is asked, and where it stands.',
          content: {
            ...page,
            'application/json': { schema: InputView, ...example(examples['inputs.show']) },
          },
        },
        ...refusals('validation_failed', 'input_not_found', 'input_gone', 'rate_limited', 'unavailable', 'internal'),
      },
    },
    post: {
      tags: ['Decisions'],
      security: [],
      operationId: 'questionsAnswerInputByLink',
      summary: 'Answer a service by link',
      description:
        'Answers what a service asks, once; the same answer again is answered the same. The token is the permission. The form of the page is accepted, too, with the cookie that the page has set.',
      requestBody: {
        required: true,
        content: { 'application/json': { schema: AnswerInputByLink }, [FORM_TYPE]: { schema: AnswerInputByForm } },
      },
      responses: {
        '200': {
          description: 'The answer.',
          content: {
            'application/json': { schema: AnsweredInput, ...example(examples['inputs.answer']) },
            ...page,
          },
        },
        ...refusals(
          'validation_failed',
          'invalid_json',
          'csrf_failed',
          'input_not_found',
          'input_already_answered',
          'input_gone',
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
