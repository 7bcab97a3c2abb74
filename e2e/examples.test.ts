// The examples of the OpenAPI document: real answers of the service to one walk through all of its operations.
import { hostname } from 'node:os';
import { ApprovalView, contract, InputView, QuestionView } from '@errand/contracts';
import { startStubMcpServer } from '@errand/integrations/testing';
import { expect, test, vi } from 'vitest';
import { Browser } from './fixtures/browser.ts';
import { aRun, eventsOf } from './fixtures/builders.ts';
import { APP } from './fixtures/default-service.ts';
import { ended, type Office, payments, startOffice, startWaiting } from './fixtures/office.ts';
import { newPlatformKey } from './fixtures/operator.ts';
import { settler } from './fixtures/settle.ts';
import { type Api, overRest } from './fixtures/transports.ts';

/** The same operations, with recorded answers: the first one of each. */
function recorded(api: Api): { api: Api; answers: Map<string, unknown> } {
  const answers = new Map<string, unknown>();
  const keep = (name: string, value: unknown) => {
    if (!answers.has(name)) answers.set(name, value);
  };
  const record = (name: string, call: (input: never) => unknown) => (input: never) => {
    const answer = call(input);
    if (answer instanceof Promise)
      return answer.then((value) => {
        keep(name, value);
        return value;
      });
    return items(name, answer as AsyncIterable<{ type: string }>);
  };
  async function* items(name: string, answer: AsyncIterable<{ type: string }>) {
    for await (const item of answer) {
      if (['step', 'added', 'run'].includes(item.type)) keep(name, item);
      yield item;
    }
  }
  const groups = Object.entries(api as unknown as Record<string, Record<string, (input: never) => unknown>>);
  const wrapped = groups.map(([group, calls]) => [
    group,
    Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, record(`${group}.${name}`, call)])),
  ]);
  return { api: Object.fromEntries(wrapped) as Api, answers };
}

type Described = { http?: { status?: number }; output: { safeParse(value: unknown): { success: boolean } } };
const operations = Object.entries(contract).flatMap(([group, calls]) =>
  Object.entries(calls).map(([name, op]) => ({ name: `${group}.${name}`, op: op as unknown as Described })),
);

/** Calls every operation at least once, so that each example is useful. */
async function walk(api: Api, office: Office, mcpUrl: string, answers: Map<string, unknown>): Promise<void> {
  const [crm] = (await api.integrations.list({})).integrations;
  const at = { customerIntegrationId: crm!.customerIntegrationId };
  const userId = 'user-123';
  await api.integrations.get(at);
  await api.integrations.patch({ ...at, instructions: 'Amounts are in EUR.' });
  const tool = `${at.customerIntegrationId}.getSalesSummary`;
  await api.integrations.tools({ customerIntegrationId: office.id });
  const reviewed = { customerIntegrationId: office.id, tool: `${office.id}.look` };
  const { fingerprint } = await api.integrations.toolChange(reviewed);
  await api.integrations.acceptTool({ ...reviewed, fingerprint });
  await api.tools.search({ q: 'sales of a quarter', customerIntegrationIds: [at.customerIntegrationId], limit: 3 });
  await api.integrations.setTools({ customerIntegrationId: office.otherId, enabled: [`${office.otherId}.look`] });
  await api.catalog.list({ search: 'help desk' });
  await api.catalog.get({ catalog: 'zendesk' });
  const { document } = office.stub;
  const service = { name: 'Office', kind: 'openapi', document, auth: { type: 'NONE' }, enable: undefined } as const;
  await api.integrations.inspect({ document });
  const integration = await api.integrations.create(service);
  await api.integrations.refresh({ customerIntegrationId: integration.customerIntegrationId, document });
  const plan = {
    goal: 'Summary of the last quarter of 2023',
    steps: [{ id: 'sales', tool, args: { query: { year: 2023, quarter: 'Q4' } }, reason: 'Sales of the quarter' }],
    result: { $: "{'total': steps.sales.output.totalRevenue, 'regions': steps.sales.output.byRegion}" },
  };
  const intent = 'Create a summary of the latest sales data';
  const { runId, executionPlanId } = await api.runs.create(
    aRun({ intent, userId, plan, repeatKey: 'weekly-sales', metadata: { team: 'sales' } }),
  );
  await eventsOf(api, runId, true);
  await ended(api, runId);
  const { metadata: _, ...errand } = aRun({ intent: 'List the deals of Northwind', userId });
  await api.runs.preflight(errand);
  await api.runs.previewRerun({ runId, from: 'sales' });
  await api.runs.rerun({ runId, mode: 'same_plan', prefer: 'wait=20' });
  await api.runs.list({ includeEvents: false });
  // The runs of the past minutes are in the first of two hours, whatever the time of day.
  await api.runs.histogram({ from: hoursFromNow(-1), to: hoursFromNow(1), buckets: 2 });
  let another = '';
  for await (const frame of api.runs.watch({ userId })) {
    // It starts tomorrow, so that its first frame is always the same.
    const startAt = new Date(Date.now() + 86_400_000).toISOString();
    if (frame.type === 'snapshot') another = (await api.runs.create(aRun({ intent, userId, plan, startAt }))).runId;
    else break;
  }
  await api.usage.get({ by: 'status', from: today() });
  await api.runs.cancel({ runId: another });
  await api.runs.cancelMany({ runIds: [another, runId] });
  await api.runs.rerunMany({ runIds: [another], mode: 'same_plan' });
  await api.runs.events({ runId });
  await api.runs.toolCall({ runId, toolCallId: 'sales' });
  await api.executionPlans.get({ executionPlanId });
  await api.feedback.put({ runId, rating: 'positive', comment: 'Just what I needed.' });
  await api.feedback.get({ runId });

  await api.actions.keep({ key: 'sales-of-a-quarter', runId });
  const inputs = (await api.actions.get({ key: 'sales-of-a-quarter' })).values;
  await api.actions.list({});
  const actionInput = Object.fromEntries(inputs.map(({ name, value }) => [name, value]));
  await api.actions.run({ key: 'sales-of-a-quarter', userId, ...(inputs.length > 0 && { input: actionInput }) });
  await api.actions.change({ key: 'sales-of-a-quarter', inputSchema: null });
  await api.actions.delete({ key: 'sales-of-a-quarter' });
  const run = await startWaiting(api, payments(office, [25], { userId }));
  await api.pending.list({});
  const { approvalId } = run.waitingOn[0]!;
  for await (const frame of api.pending.watch({})) if (frame.type === 'added') break;
  await api.approvals.get({ approvalId: approvalId! });
  const step = run.events.find(({ type }) => type === 'step');
  const [link] = step?.type === 'step' ? step.step.approvalActions! : [];
  answers.set('approvals.show', await (await fetch(link!.url)).json());
  await api.pending.decide({
    decisions: [
      { approvalId: approvalId!, decision: 'approve', reason: 'It is due.' },
      { approvalId: approvalId!, decision: 'deny' },
    ],
  });
  await api.approvals.decide({ approvalId: approvalId!, decision: 'approve', reason: 'It is due.' });
  await ended(api, run.runId);
  const lost = aRun({
    plan: { goal: 'Vanish', steps: [{ id: 'gone', tool: `${office.id}.vanish`, args: { body: { name: 'once' } } }] },
  });
  const { effectId } = (await startWaiting(api, lost)).waitingOn[0]!;
  await api.effects.resolve({ effectId: effectId!, decision: 'happened', output: { id: 'once' } });
  const choices = [
    { value: 'inv_2041', label: 'Invoice 2041, due on Friday' },
    { value: 'inv_2042', label: 'Invoice 2042, due next month' },
  ];
  const steps = [{ id: 'which', tool: 'errand.ask', args: { question: 'Which invoice do you mean?', choices } }];
  const asking = await startWaiting(api, payments(office, [], { userId, plan: { goal: 'Pay an invoice', steps } }));
  const question = asking.events.find(({ type }) => type === 'question');
  const page = question?.type === 'question' ? question.url! : '';
  answers.set('questions.show', await (await fetch(page)).json());
  await api.questions.answer({ requestId: asking.waitingOn[0]!.requestId!, answer: 'inv_2041' });
  await ended(api, asking.runId);
  const tables = await api.integrations.create({ name: 'Tables', kind: 'mcp', url: mcpUrl, enable: 'all' });
  const booked = `${tables.customerIntegrationId}.book`;
  const booking = await startWaiting(
    api,
    aRun({ userId, plan: { goal: 'Book a table', steps: [{ id: 'table', tool: booked }] } }),
  );
  const input = booking.events.find(({ type }) => type === 'input');
  answers.set('inputs.show', await (await fetch(input?.type === 'input' ? input.url! : '')).json());
  const { requestId } = booking.waitingOn[0]!;
  await api.inputs.answer({ requestId: requestId!, action: 'accept', content: { seats: 2 } });
  await ended(api, booking.runId);
  const waiting = await startWaiting(api, payments(office, [30], { userId }));
  await api.runs.cancel({ runId: waiting.runId });
  await api.runs.delete({ runId: waiting.runId });

  const rule = { tool: `${office.id}.pay`, reason: 'Small amounts are fine.', expiresAt: new Date(Date.now() + 1e9) };
  const { approvalRuleId } = await api.approvalRules.create({ ...rule, expiresAt: rule.expiresAt.toISOString() });
  await api.approvalRules.list({});
  await api.approvalRules.revoke({ approvalRuleId });
  const scheduled = { intent, userId, selectedCustomerIntegrationIds: [at.customerIntegrationId], plan };
  const weekly = { name: 'Sales of the week', cron: '0 9 * * 1', timeZone: 'Europe/Berlin', run: scheduled } as const;
  const { cron, timeZone } = weekly;
  await api.schedules.preview({ cron, timeZone, from: '2026-01-31T09:30:00.000Z' });
  const { scheduleId } = await api.schedules.create(weekly);
  await ended(api, (await api.schedules.run({ scheduleId })).runId);
  await api.schedules.patch({ scheduleId, overlap: 'queue' });
  await api.schedules.get({ scheduleId });
  await api.schedules.list({});
  await api.schedules.delete({ scheduleId });
  const url = `${office.stub.origin}/hook`;
  const { webhookId } = await api.webhooks.create({ url, events: ['run.end', 'run.waiting'], description: 'Inbox' });
  const { deliveryId } = await api.webhooks.test({ webhookId });
  await api.webhooks.rotate({ webhookId });
  await vi.waitFor(async () => {
    const { deliveries } = await api.webhooks.deliveries({ webhookId, state: 'delivered' });
    if (deliveries.length === 0) throw new Error('It is not delivered yet.');
    answers.set('webhooks.deliveries', { deliveries });
  });
  const body = '{"type":"webhook.test","timestamp":"2026-11-24T09:30:00.000Z","data":{}}';
  answers.set('webhooks.delivery', { ...(await api.webhooks.delivery({ webhookId, deliveryId })), body });
  await api.webhooks.redeliver({ webhookId, deliveryId });
  await api.webhooks.redeliverMany({ webhookId, state: 'failed' });
  await api.webhooks.patch({ webhookId, active: false });
  await api.webhooks.get({ webhookId });
  await api.webhooks.list({});
  await api.webhooks.delete({ webhookId });
  const { apiKeyId } = await api.apiKeys.create({ name: 'billing', scopes: ['runs:read', 'runs:write'] });
  await api.apiKeys.list({});
  await api.apiKeys.rename({ apiKeyId, name: 'billing service' });
  const rotated = await api.apiKeys.rotate({ apiKeyId });
  await api.apiKeys.revoke({ apiKeyId: rotated.apiKeyId });
  await api.userTokens.create({ userId, can: ['watch', 'decide'], integrations: [at.customerIntegrationId] });
  await api.userTokens.revoke({ userId });
  await api.integrations.authUrl({ ...at, userId });
  await confirmConsent(api, office, { ...at, userId });
  await api.integrations.putCredentials({ ...at, userId, apiToken: 'token-of-the-user' });
  await api.integrations.getUser({ ...at, userId });
  await api.integrations.users({ ...at, state: 'connected' });
  await api.integrations.try(at);
  // No run calls this one: counts of calls are written seconds later.
  await api.integrations.health({ customerIntegrationIds: [integration.customerIntegrationId] });
  await api.integrations.toolUsage({ ...at, days: 1 });
  await api.users.list({});
  await api.users.get({ userId });
  // One kind only: some entries are written seconds later.
  await api.audit.list({ action: 'api_key.created' });
  answers.set('audit.chain', await firstOfChain(api));
  await api.session.get({});
  await api.workspace.status({});
  const origin = 'http://10.0.0.7:8080';
  await api.workspace.allowOrigin({ origin, note: 'The CRM in our office' });
  await api.workspace.origins({});
  await api.workspace.removeOrigin({ origin });
  await api.workspace.setBrand({ name: 'Acme Helpdesk', color: '#0b5fff', logo: LOGO });
  await api.workspace.brand({});
  await api.workspace.setBrowserOrigins({ origins: ['https://app.example.com'] });
  await api.workspace.browserOrigins({});
  await manageWorkspaces(office, answers);
  await api.integrations.deleteCredentials({ ...at, userId });
  await api.users.erase({ userId, erase: 'everything' });
  await api.integrations.delete({ customerIntegrationId: integration.customerIntegrationId });
}

const LOGO = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** A user enters a token, and the product confirms the user. */
async function confirmConsent(
  api: Api,
  office: Office,
  who: { customerIntegrationId: string; userId: string },
): Promise<void> {
  await api.workspace.setConsentSettings({ verifyUrl: `${APP}/consents/verify` });
  await api.workspace.consentSettings({});
  const { authorizeUrl } = await overRest(office.stack).integrations.authUrl({
    ...who,
    redirectUri: `${APP}/connected`,
  });
  const browser = new Browser();
  const form = { decision: 'allow', apiToken: office.stack.crm.token };
  const { url } = await browser.submit(await browser.open(authorizeUrl), form, { until: APP });
  await api.consents.confirm({ code: url.searchParams.get('code') ?? '', userId: who.userId });
}

/** A link of a later action, because the first ones depend on the start of the service. */
async function firstOfChain(api: Api): Promise<object> {
  const { entries } = await api.audit.list({ action: 'api_key.created' });
  return vi.waitFor(async () => {
    const { links, ...chain } = await api.audit.chain({});
    const link = links.find(({ auditId }) => auditId === entries.at(-1)!.auditId);
    if (!link) throw new Error('It is not sealed yet.');
    const head = { seq: 1, hash: '9f86d081' };
    return { ...chain, links: [{ ...link, ...head, entry: { ...link.entry, seal: head } }], head };
  }, 30_000);
}

/** The operations of the platform, with its own key. */
async function manageWorkspaces(office: Office, answers: Map<string, unknown>): Promise<void> {
  const platform = { url: office.stack.url, apiKey: await newPlatformKey(office.stack) };
  const { api, answers: recordedAnswers } = recorded(overRest(platform));
  const { workspaceId } = await api.workspaces.create({ name: 'Acme', withKey: true, administrator: 'Ada' });
  await api.workspaces.list({});
  await api.workspaces.rename({ workspaceId, name: 'Acme Corp' });
  const second = await api.workspaces.create({ name: 'Globex' });
  await api.workspaces.createKey({ workspaceId: second.workspaceId });
  await api.workspaces.inviteAdministrator({ workspaceId: second.workspaceId, name: 'Grace' });
  await api.workspaces.setLimits({ workspaceId, requestsPerMinute: 6000, runs: 20 });
  await api.workspaces.suspend({ workspaceId });
  await api.workspaces.resume({ workspaceId });
  await api.settings.get({});
  await api.system.status({});
  await api.workspaces.suspend({ workspaceId });
  await api.workspaces.delete({ workspaceId, name: 'Acme Corp' });
  for (const [name, answer] of recordedAnswers) answers.set(name, answer);
}

const hoursFromNow = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
const today = (): string => new Date().toISOString().slice(0, 10);

/** The host, in the form of an `integrationId`. */
const slugOf = (url: string): string => new URL(url).host.replaceAll(/[.:]/g, '-');

test('each operation has an example that the service really answered, and that fits its schema', async () => {
  const seats = { type: 'object', properties: { seats: { type: 'integer', minimum: 1 } }, required: ['seats'] };
  const mcp = await startStubMcpServer({
    modern: true,
    tools: [{ name: 'book', title: 'Book a table', inputSchema: { type: 'object' } }],
    call: ({ params }) =>
      params?.inputResponses
        ? { content: [], structuredContent: { booked: true } }
        : {
            resultType: 'input_required',
            requestState: 'table-1',
            inputRequests: {
              seats: {
                method: 'elicitation/create',
                params: { mode: 'form', message: 'For how many people?', requestedSchema: seats },
              },
            },
          },
  });
  const office = await startOffice({
    seed: true,
    allow: [mcp.origin],
    env: {
      ERRAND_WORKSPACE_ORIGINS: 'true',
      ERRAND_REDIRECT_ORIGINS: APP,
      ERRAND_CORS_ORIGINS: 'https://app.example.com',
    },
  });
  try {
    const { api, answers } = recorded(overRest(office.stack));
    await walk(api, office, mcp.url, answers);
    const settle = settler({
      texts: [
        [office.stack.url, 'https://errand.example.com'],
        [office.stack.crm.url, 'https://crm.example.com'],
        [office.stub.origin, 'https://office.example.com'],
        [new URL(office.stack.crm.url).host, 'crm.example.com'],
        [new URL(office.stub.origin).host, 'office.example.com'],
        [slugOf(office.stack.crm.url), 'crm-example-com'],
        [slugOf(office.stub.origin), 'office-example-com'],
        [`${hostname()} (process ${office.stack.pid})`, 'errand-1 (process 71)'],
        [hostname(), 'errand-1'],
        [today(), '2026-11-24'],
      ],
      members: {
        prefix: 'er_live_…',
        last4: 'k3Zq',
        secret: 'whsec_…',
        invitation: 'https://errand.example.com/console/#…',
        link: 'https://errand.example.com/console/#…',
        secretLast4: '3aZ=',
        messageId: 'msg_0192f0c17a707d338e216b2f4c9a1e04',
        fingerprint: '9f86d081',
        argsHash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
        activeMs: 21,
        queuedMs: 12,
        planningMs: 840,
        callsMs: 310,
        waitingMs: 0,
        p50Ms: 120,
        p95Ms: 900,
        recentFrom: '2026-11-23',
        ip: '203.0.113.7',
        lastUsedIp: '203.0.113.7',
        inspectionId: '0192f0c1-7a70-7a18-9d02-4c1b8e7d2207',
        postgresVersion: '18.1',
        nodeVersion: 'v24.11.0',
        migrations: { last: '20261129213000_workspaces', appliedAt: '2026-11-24T09:30:00.000Z', pending: [] },
        masterKeyIds: ['k1'],
        sealingKeyId: 'k1',
        queue: { due: 3, claimed: 12, oldestDueSeconds: 2.5 },
        database: {
          bytes: 50_331_648,
          connections: { used: 34, max: 200 },
          oldestSnapshot: { transactions: 120, seconds: 2.5, application: 'pg_dump' },
          unusedIndexes: { indexes: [{ table: 'run', index: 'run_words', bytes: 8192 }] },
        },
        // Runs may still be open when their user is erased.
        cancelled: 2,
        uncertain: [
          {
            runId: '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01',
            tool: 'crm_1a2b3c4d.createDeal',
            toolCallId: 'deal',
            since: '2026-11-24T09:30:00.000Z',
          },
        ],
        uncertainCount: 1,
        // Its entry is written some seconds later.
        seal: undefined,
      },
      items: 2,
    });
    const examples: Record<string, unknown> = {};
    for (const { name, op } of operations) {
      if (!op.http || op.http.status === 204) continue;
      expect([name, answers.has(name)]).toEqual([name, true]);
      examples[name] = settle(answers.get(name));
      expect([name, op.output.safeParse(examples[name]).success]).toEqual([name, true]);
    }
    // Pages are no operations of the contract.
    examples['approvals.show'] = settle(answers.get('approvals.show'));
    expect(ApprovalView.safeParse(examples['approvals.show']).success).toBe(true);
    examples['inputs.show'] = settle(answers.get('inputs.show'));
    expect(InputView.safeParse(examples['inputs.show']).success).toBe(true);
    examples['questions.show'] = settle(answers.get('questions.show'));
    expect(QuestionView.safeParse(examples['questions.show']).success).toBe(true);
    // `-u` writes the file.
    await expect(`${JSON.stringify(examples, null, 2)}\n`).toMatchFileSnapshot('../packages/api/src/examples.json');
  } finally {
    await office.close();
    await mcp.close();
  }
});
