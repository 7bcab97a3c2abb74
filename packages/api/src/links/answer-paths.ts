import type { DocumentOptions } from '@errand/trpc-openapi';
import { FORM_TYPE } from './submission.ts';

type Paths = NonNullable<DocumentOptions['paths']>;
type Body = NonNullable<NonNullable<ReturnType<Paths>[string]['post']>['requestBody']>;
type Schema = NonNullable<NonNullable<Body['content']>['application/json']>['schema'];

/** One operation of an answer page; `refusals`: codes of the error table. */
type PageOperation = {
  operationId: string;
  summary: string;
  description: string;
  success: { description: string; schema: Schema; example: unknown };
  refusals: readonly string[];
};

/** A page behind the link of an event, on which people decide or answer. */
export type DocumentedPage = {
  path: string;
  show: PageOperation & { security?: Record<string, string[]>[] };
  answer: PageOperation & { byLink: Schema; byForm: Schema };
};

const HTML_CONTENT = { 'text/html': { schema: { type: 'string' as const } } };
const BODY_REFUSALS = [
  'validation_failed',
  'invalid_json',
  'csrf_failed',
  'body_too_large',
  'unsupported_media_type',
] as const;
const COMMON_REFUSALS = ['workspace_suspended', 'rate_limited', 'unavailable', 'internal'] as const;

const jsonContent = ({ schema, example }: PageOperation['success']) => ({
  'application/json': { schema, examples: { answer: { value: example } } },
});

/** The routes of an answer page, for the document. They also return HTML, so they are not operations of the contract. */
export const answerPaths =
  ({ path, show, answer }: DocumentedPage): Paths =>
  (refusals) => ({
    [path]: {
      get: {
        tags: ['Decisions'],
        operationId: show.operationId,
        summary: show.summary,
        description: show.description,
        security: show.security ?? [],
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
          '200': { description: show.success.description, content: { ...HTML_CONTENT, ...jsonContent(show.success) } },
          ...refusals('validation_failed', ...show.refusals, ...COMMON_REFUSALS),
        },
      },
      post: {
        tags: ['Decisions'],
        security: [],
        operationId: answer.operationId,
        summary: answer.summary,
        description: answer.description,
        requestBody: {
          required: true,
          content: { 'application/json': { schema: answer.byLink }, [FORM_TYPE]: { schema: answer.byForm } },
        },
        responses: {
          '200': {
            description: answer.success.description,
            content: { ...jsonContent(answer.success), ...HTML_CONTENT },
          },
          ...refusals(...BODY_REFUSALS, ...answer.refusals, ...COMMON_REFUSALS),
        },
      },
    },
  });
