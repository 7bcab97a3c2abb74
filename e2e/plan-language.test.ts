// The plans that docs/plan-language.md calls accepted reach their goals at a real service.
import { readFileSync } from 'node:fs';
import { createClient } from '@errand/client';
import { expect, test } from 'vitest';
import { stackForTest } from './fixtures/stack.ts';

const page = readFileSync(new URL('../docs/plan-language.md', import.meta.url), 'utf8');
const plans = [...page.matchAll(/<!-- accepted -->\n```json\n([\s\S]*?)```/g)].map(([, plan]) => plan!);

test('every plan of the page that needs no model succeeds', async () => {
  const client = createClient(await stackForTest());
  const [crm] = await client.integrations.list.query({});
  expect(plans.length).toBeGreaterThan(3);
  for (const text of plans) {
    const plan = JSON.parse(text.replaceAll('crm_1a2b3c4d', crm!.customerIntegrationId));
    const run = await client.runs.create.mutate({
      intent: plan.goal,
      selectedCustomerIntegrationIds: ['*'],
      userId: 'user-123',
      plan,
      prefer: 'wait=20',
    });
    expect(run, text).toMatchObject({ status: 'SUCCESS', result: expect.anything() });
    expect(Object.values((run as { result: object }).result), text).not.toContain(null);
  }
});
