// The calls that the server makes to Errand with its API key.
import { bodyOf, teamLead, tickets } from './desk.ts';
import type { Context } from './sessions.ts';

const ticket = { enum: tickets.map(({ id }) => id) };
const intent = { type: 'string', minLength: 1, maxLength: 2000 };
const decision = { enum: ['approve', 'deny'] };
type Ask = { Body: { ticket: string; intent: string } };
type Review = { Params: { approvalId: string }; Body: { decision: 'approve' | 'deny' } };
/** Whether a request names a person of this product, which is called helpdesk at Errand. */
const isApprover = ({ approvers = [] }: { approvers?: { id: string }[] }, id: string) =>
  approvers.some((approver) => approver.id === `helpdesk:${id}`);

export function mountErrand({ app, errand, sessions }: Context, redirectUri: string): void {
  app.post<{ Body: { ticket: string } }>('/errand/token', bodyOf({ ticket }), (request) => {
    const { id, name } = sessions.userOf(request);
    return errand.userTokens.create.mutate({
      userId: id,
      can: ['watch', 'decide', 'connect', 'ask'],
      integrations: ['*'],
      person: { id, name },
      run: { approvalStrategy: 'ON_WRITE', metadata: { ticket: request.body.ticket } },
      limits: { streams: 20 },
    });
  });

  // Another person approves: a user token cannot name approvers, so the server creates the run.
  app.post<Ask>('/requests', bodyOf({ ticket, intent }), async (request) => {
    const { id, name } = sessions.userOf(request);
    const { runId } = await errand.runs.create.mutate({
      intent: request.body.intent,
      selectedCustomerIntegrationIds: ['*'],
      userId: id,
      user: { name },
      onBehalfOf: { id, name },
      approvalStrategy: 'ON_WRITE',
      approvers: [{ type: 'claimed', id: teamLead.id, name: teamLead.name }],
      metadata: { ticket: request.body.ticket },
      redirectUri,
    });
    return { runId };
  });

  // Requests that name the user as an approver. They are about runs of other users, which no token of this user shows.
  app.get('/reviews', async (request) => {
    const { id } = sessions.userOf(request);
    const { pending } = await errand.pending.list.query({ kind: ['plan', 'call'], pageSize: 100 });
    return pending.filter((entry) => isApprover(entry, id)).map((entry) => ({ ...entry, mayDecide: true }));
  });

  app.post<Review>('/reviews/:approvalId', bodyOf({ decision }), async (request) => {
    const { id, name } = sessions.userOf(request);
    const approval = await errand.approvals.get.query(request.params);
    if (!isApprover(approval, id)) throw Object.assign(new Error('Another person decides.'), { statusCode: 403 });
    return errand.approvals.decide.mutate({ ...request.params, ...request.body, onBehalfOf: { id, name } });
  });

  app.get('/usage', async (request) => {
    const { id } = sessions.userOf(request);
    const { rows } = await errand.usage.get.query({ by: 'user' });
    const { runs = 0, succeeded = 0 } = rows.find(({ key }) => key === id) ?? {};
    return { runs, succeeded };
  });
}
