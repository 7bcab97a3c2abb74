import { Approval, ApprovalView, DecideByForm, DecideByLink } from '@errand/contracts';
import examples from '../examples.json' with { type: 'json' };
import { answerPaths } from '../links/answer-paths.ts';

/** The page of one-time links, for the document. */
export const approvalPaths = answerPaths({
  path: '/v1/runs/approval',
  show: {
    operationId: 'approvalsShow',
    summary: 'Show the request of a link',
    description:
      'The link of an event leads here. Its token is the permission to read; no API key is needed. `Accept: text/html` returns a page with the buttons Approve and Deny, any other value JSON. GET and HEAD change nothing, with one exception for programs: with a valid API key that has `approvals:decide`, and without `Accept: text/html`, GET decides at once as the link says, and returns the decision.',
    security: [{}, { apiKey: [] }, { bearer: [] }],
    success: {
      description: 'The request and its state; the decision, if there is one.',
      schema: ApprovalView.or(Approval),
      example: examples['approvals.show'],
    },
    refusals: [
      ...['key_in_query', 'unauthenticated', 'insufficient_scope', 'self_approval'],
      ...['approval_not_found', 'approval_already_decided', 'approval_gone'],
    ],
  },
  answer: {
    operationId: 'approvalsDecideByLink',
    summary: 'Decide by link',
    description:
      'Decides once, as the link says; repeating the same decision returns the same answer. The token is the permission. The form of the page is also accepted, with the cookie that the page has set.',
    byLink: DecideByLink,
    byForm: DecideByForm,
    success: { description: 'The decision.', schema: Approval, example: examples['approvals.decide'] },
    refusals: [
      ...['self_approval', 'approval_not_found', 'approval_already_decided'],
      ...['approval_args_changed', 'approval_gone'],
    ],
  },
});
