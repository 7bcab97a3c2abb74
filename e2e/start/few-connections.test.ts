import { expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { json } from '../fixtures/stub.ts';
import { aSite } from '../trouble/site.ts';

test('with the minimum of connections, runs with requests still end', async () => {
  const order = {
    method: 'POST',
    answer: (response: Parameters<typeof json>[0]) => json(response, { fine: true }),
  } as const;
  const { api, id, stub } = await aSite({ operations: { order }, env: { ERRAND_POOL_SIZE: '2' } });
  const steps = ['a', 'b'].map((step) => ({ id: step, tool: `${id}.order`, args: {} }));
  const input = aRun({
    selectedCustomerIntegrationIds: [id],
    plan: { goal: 'Order twice', steps },
    approvalStrategy: 'ON_WRITE',
  });
  const runs = await Promise.all(Array.from({ length: 20 }, () => api.runs.create(input)));
  const decide = async () => {
    const { pending } = await api.pending.list({});
    await Promise.all(
      pending.map(({ approvalId }) => api.approvals.decide({ approvalId: approvalId!, decision: 'approve' })),
    );
    const answers = await Promise.all(runs.map(({ runId }) => api.runs.get({ runId })));
    return answers.map(({ status }) => status);
  };
  await expect.poll(decide, { timeout: 60_000 }).toEqual(runs.map(() => 'SUCCESS'));
  expect(stub.hits.length).toBe(40);
});
