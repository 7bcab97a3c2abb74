import { Approval, ApprovalView, DecideByForm, DecideByLink } from '@errand/contracts';
import type { DocumentOptions } from '@errand/trpc-openapi';
import examples from '../examples.gen.json' with { type: 'json' };
import { FORM_TYPE } from './answer/submission.ts';

const withKey: Record<string, string[]>[] = [{ apiKey: [] }, { bearer: [] }];
const example = (value: unknown) => ({ examples: { answer: { value } } });
const page = { 'text/html': { schema: { type: 'string' as const } } };

/** The routes of one-time links, for the document. They also answer pages, so they are no operations of the contract. */
export const approvalPaths: NonNullable<DocumentOptions['paths']> = (refusals) => ({
  '/v1/runs/approval': {
    get: {
      tags: ['Decisions'],
      operationId: 'approvalsShow',
      summary: 'Show what a link asks',
      description:
        'The link of an event leads here; its token is the permission, and no API key is needed to read. With `Accept: text/html` a page with the buttons Approve and Deny, else JSON. Looking never decides: GET and HEAD change nothing. One exception is made for programs: with a valid API key that holds `approvals:decide`, and unless HTML is asked for, GET decides at once as the link says, and answers with the decision.',
      security: [{}, ...withKey],
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
          description: 'The request and its state; the decision, if there is one.',
          content: {
            ...page,
            'application/json': { schema: ApprovalView.or(Approval), ...example(examples['approvals.show']) },
          },
        },
        ...refusals(
          'validation_failed',
          'key_in_query',
          'unauthenticated',
          'insufficient_scope',
          'self_approval',
          'approval_not_found',
          'approval_already_decided',
          'approval_gone',
          'rate_limited',
          'unavailable',
          'internal',
        ),
      },
    },
    post: {
      tags: ['Decisions'],
      security: [],
      operationId: 'approvalsDecideByLink',
      summary: 'Decide by link',
      description:
        'Decides as the link says, once; the same decision again answers the same. The token is the permission. The form of the page is accepted, too, with the cookie that the page has set.',
      requestBody: {
        required: true,
        content: { 'application/json': { schema: DecideByLink }, [FORM_TYPE]: { schema: DecideByForm } },
      },
      responses: {
        '200': {
          description: 'The decision.',
          content: { 'application/json': { schema: Approval, ...example(examples['approvals.decide']) }, ...page },
        },
        ...refusals(
          'validation_failed',
          'invalid_json',
          'csrf_failed',
          'self_approval',
          'approval_not_found',
          'approval_already_decided',
          'approval_args_changed',
          'approval_gone',
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
