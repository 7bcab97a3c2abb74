// Carries out an errand over tRPC: create, stream, approve, result. Prints the result as JSON.
import { readFileSync } from 'node:fs';
import { createClient, TRPCClientError } from '@errand/client';

const { url, apiKey } = JSON.parse(readFileSync('.errand/dev.json', 'utf8'));
const errand = createClient({ url, apiKey });

const { runId } = await errand.runs.create.mutate({
  intent: 'Log a call with Contoso for tomorrow at 10:00',
  selectedCustomerIntegrationIds: ['*'],
  userId: 'user-123',
  approvalStrategy: 'ON_WRITE',
});
const types: string[] = [];
await new Promise<void>((resolve, reject) => {
  const subscription = errand.runs.stream.subscribe(
    { runId },
    {
      onData: ({ data: event }) => {
        types.push(event.type);
        if (event.type === 'step' && event.step.approval === 'PENDING' && event.step.approvalId) {
          const { approvalId } = event.step;
          errand.approvals.decide.mutate({ approvalId, decision: 'approve' }).catch(reject);
        }
        if (event.type !== 'end') return;
        subscription.unsubscribe();
        resolve();
      },
      onError: reject,
    },
  );
});
const run = await errand.runs.get.query({ runId });
const refused = await errand.runs.get.query({ runId: '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01' }).catch((error) => error);
console.log(
  JSON.stringify({
    types,
    status: run.status,
    refused: refused instanceof TRPCClientError ? refused.data?.problem.code : 'another error',
  }),
);
