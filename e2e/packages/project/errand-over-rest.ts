// Carries out an errand over REST and SSE: create, stream, approve, result. Prints the result as JSON.
import { readFileSync } from 'node:fs';
import { createRestClient, streamEvents } from '@errand/client/rest';
import { isTerminal } from '@errand/contracts';

const { url, apiKey } = JSON.parse(readFileSync('.errand/dev.json', 'utf8'));
const errand = createRestClient({ url, apiKey });

const created = await errand.POST('/v1/runs', {
  body: {
    intent: 'Log a call with Contoso for tomorrow at 10:00',
    selectedCustomerIntegrationIds: ['*'],
    userId: 'user-123',
    approvalStrategy: 'ON_WRITE',
  },
});
if (!created.data) throw new Error(created.error.detail);
const { runId } = created.data;
const types: string[] = [];
for await (const event of streamEvents({ url, apiKey, runId })) {
  types.push(event.type);
  if (event.type !== 'step' || event.step.approval !== 'PENDING' || !event.step.approvalId) continue;
  const params = { path: { approvalId: event.step.approvalId } };
  const { error } = await errand.POST('/v1/approvals/{approvalId}', { params, body: { decision: 'approve' } });
  if (error) throw new Error(error.detail);
}
const { data: run } = await errand.GET('/v1/runs/{runId}', { params: { path: { runId } } });
const { error } = await errand.GET('/v1/runs', { params: { query: { pageSize: 1000 } } });
console.log(JSON.stringify({ types, status: run?.status, ended: run && isTerminal(run.status), refused: error?.code }));
