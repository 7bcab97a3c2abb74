import { Approval, ApprovalView, DecideByForm, DecideByLink } from '@errand/contracts';
import examples from '../examples.json' with { type: 'json' };
import { answerPaths } from '../links/answer-paths.ts';

/** The page of one-time links, for the document. */
export const approvalPaths = answerPaths({
  path: '/v1/runs/approval',
  show: {
    operationId: 'approvalsShow',
    summary: 'Show what a link asks',
    description:
      'The link of an event leads here; its token is the permission, and no API key is needed to read. With `Accept: text/html` a page with the buttons Approve and Deny, else JSON. Looking never decides: GET and HEAD change nothing. One exception is made for programs: with a valid API key that holds `approvals:decide`, and unless HTML is asked for, GET decides at once as the link says, and answers with the decision.',
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
      'Decides as the link says, once; the same decision again answers the same. The token is the permission. The form of the page is accepted, too, with the cookie that the page has set.',
    byLink: DecideByLink,
    byForm: DecideByForm,
    success: { description: 'The decision.', schema: Approval, example: examples['approvals.decide'] },
    refusals: [
      ...['self_approval', 'approval_not_found', 'approval_already_decided'],
      ...['approval_args_changed', 'approval_gone'],
    ],
  },
});
