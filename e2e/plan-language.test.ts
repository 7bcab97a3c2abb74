// The plans that docs/plan-language.md calls accepted work with a real service.
import { readFileSync } from 'node:fs';
import { createClient } from '@errand/client';
import { expect, test } from 'vitest';
import { aRun } from './fixtures/builders.ts';
import { ended, startWaiting } from './fixtures/office.ts';
import { overRest } from './fixtures/transports.ts';
import { workspaceForTest } from './fixtures/workspace.ts';

const page = readFileSync(new URL('../docs/plan-language.md', import.meta.url), 'utf8');
const marked = (verdict: string) =>
  [...page.matchAll(new RegExp(`<!-- ${verdict} -->\n\`\`\`json\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, plan]) => plan!);
const plans = marked('accepted');

test('every plan of the page that needs no model succeeds', async () => {
  const client = createClient(await workspaceForTest());
  const [crm] = (await client.integrations.list.query({})).integrations;
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

test('the plan of the page that asks a person continues with the answer', async () => {
  const api = overRest(await workspaceForTest());
  const [crm] = (await api.integrations.list({})).integrations;
  const [text] = marked('accepted and answered');
  const plan = JSON.parse(text!.replaceAll('crm_1a2b3c4d', crm!.customerIntegrationId));
  const run = await startWaiting(api, aRun({ plan }));
  const [{ requestId, choices }] = run.waitingOn as [(typeof run.waitingOn)[0]];
  expect(choices).toHaveLength(5);
  const { value, label } = choices![1]!;
  await api.questions.answer({ requestId: requestId!, answer: value });
  const { status, result, events } = await ended(api, run.runId);
  expect([status, result]).toEqual(['SUCCESS', { tickets: expect.any(Number) }]);
  expect(label).not.toBe(value);
  expect(JSON.stringify(events)).toContain(`"toolParameters":{"query":{"accountId":"${value}"}}`);
});

test('the plan of the page that asks for several fields continues with all of them', async () => {
  const api = overRest(await workspaceForTest());
  const [crm] = (await api.integrations.list({})).integrations;
  const [, text] = marked('accepted and answered');
  const plan = JSON.parse(text!.replaceAll('crm_1a2b3c4d', crm!.customerIntegrationId));
  const run = await startWaiting(api, aRun({ plan, approvalStrategy: 'NONE' }));
  const answer = { on: '2027-02-03', subject: 'Invoice' };
  await api.questions.answer({ requestId: run.waitingOn[0]!.requestId!, answer });
  const { status, events } = await ended(api, run.runId);
  expect(status).toBe('SUCCESS');
  expect(JSON.stringify(events)).toContain('"subject":"Invoice"');
  expect(JSON.stringify(events)).toContain('"scheduledAt":"2027-02-03T10:00:00Z"');
});
