// Inputs as the pages of the console fill them in, with ids of a workspace in use.
import type { InputOf, OperationName } from '@errand/console/operation';
import { vi } from 'vitest';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { APP } from '../fixtures/default-service.ts';
import { ended, type Office, startOffice } from '../fixtures/office.ts';
import type { Stack } from '../fixtures/stack.ts';
import { type Api, overRest } from '../fixtures/transports.ts';

const USER = "o'brien@example.com";
const ACTION = 'look-around';
/** What shells, JSON and programs quote in different ways. */
const ODD = `It's "odd": $HOME \`id\` \\n \${x} {{y}} 日本`;

export type Sampled = {
  office: Office<Stack>;
  api: Api;
  /** An integration with a credential of the user. */
  crm: { customerIntegrationId: string };
  webhookId: string;
  deliveryId: string;
};

/** Starts a service with an action, a delivery, and a user who is connected. */
export async function startSampled(): Promise<Sampled> {
  const env = { ERRAND_WORKSPACE_ORIGINS: 'true', ERRAND_CORS_ORIGINS: APP, ERRAND_REDIRECT_ORIGINS: APP };
  const office = await startOffice({ seed: true, env });
  const api = overRest(office.stack);
  const { integrations } = await api.integrations.list({});
  const { customerIntegrationId } = integrations.find(({ name }) => name === 'CRM')!;
  const crm = { customerIntegrationId };
  await api.integrations.putCredentials({ ...crm, userId: USER, apiToken: 'token of the user' });
  const { runId } = await api.runs.create(aRun({ userId: USER, plan: aPlan(`${office.id}.look`) }));
  await ended(api, runId);
  await api.actions.keep({ key: ACTION, runId });
  const { webhookId } = await api.webhooks.create({ url: `${office.stub.origin}/hook`, events: ['run.end'] });
  const { deliveryId } = await api.webhooks.test({ webhookId });
  await vi.waitFor(async () => {
    const { deliveries } = await api.webhooks.deliveries({ webhookId, state: 'delivered' });
    if (deliveries.length === 0) throw new Error('It is not delivered yet.');
  }, 30_000);
  return { office, api, crm, webhookId, deliveryId };
}

const laterBy = (ms: number) => new Date(Date.now() + ms).toISOString();
const WEEK_MS = 604_800_000;

const aSchedule = ({ office }: Sampled): InputOf<'schedules.create'> => ({
  name: `Look ${ODD}`,
  cron: '0 9 * * 1',
  timeZone: 'Europe/Berlin',
  run: aRun({ userId: USER, plan: aPlan(`${office.id}.look`) }),
});

/** The samples. A sample of an operation that ends a thing first makes that thing. */
export const samples: { [N in OperationName]?: (sampled: Sampled) => InputOf<N> | Promise<InputOf<N>> } = {
  'runs.create': ({ office }) =>
    aRun({ intent: ODD, userId: USER, metadata: { team: ODD }, plan: aPlan(`${office.id}.look`) }),
  'runs.list': () => ({ status: ['FAILED', 'CANCELED'], metadata: { team: 'a&b' }, q: `${ODD} %41` }),
  'runs.rerunMany': async ({ office, api }) => {
    const { runId } = await api.runs.create(aRun({ plan: aPlan(`${office.id}.look`) }));
    await ended(api, runId);
    return { runIds: [runId], mode: 'same_plan' };
  },
  'approvalRules.list': () => ({ userId: USER, active: true }),
  'approvalRules.create': ({ office }) => ({ tool: `${office.id}.pay`, reason: ODD, expiresAt: laterBy(WEEK_MS) }),
  'actions.list': () => ({}),
  'actions.get': () => ({ key: ACTION }),
  'actions.change': () => ({ key: ACTION, inputSchema: null }),
  'actions.run': () => ({ key: ACTION, userId: USER }),
  'integrations.list': () => ({ active: 'all', pageSize: 100 }),
  'integrations.create': ({ office }) => ({ name: ODD, kind: 'openapi', url: office.stack.crm.documentUrl }),
  'integrations.inspect': ({ office }) => ({ url: office.stack.crm.documentUrl }),
  'integrations.get': ({ crm }) => crm,
  'integrations.health': ({ crm }) => ({ customerIntegrationIds: [crm.customerIntegrationId] }),
  'integrations.patch': ({ crm }) => ({ ...crm, instructions: ODD }),
  'integrations.refresh': ({ crm }) => crm,
  'integrations.setTools': ({ office }) => ({
    customerIntegrationId: office.otherId,
    enabled: [`${office.otherId}.look`],
  }),
  'integrations.acceptTool': async ({ office, api }) => {
    const tool = { customerIntegrationId: office.id, tool: `${office.id}.look` };
    return { ...tool, fingerprint: (await api.integrations.toolChange(tool)).fingerprint };
  },
  'integrations.try': ({ crm }) => crm,
  'integrations.authUrl': ({ crm }) => ({ ...crm, userId: USER }),
  'integrations.getUser': ({ crm }) => ({ ...crm, userId: USER }),
  'catalog.get': () => ({ catalog: 'zendesk' }),
  'schedules.list': () => ({}),
  'schedules.create': aSchedule,
  'schedules.patch': async (sampled) => {
    const { scheduleId } = await sampled.api.schedules.create(aSchedule(sampled));
    return { scheduleId, overlap: 'queue' };
  },
  'webhooks.list': () => ({}),
  'webhooks.create': ({ office }) => ({ url: `${office.stub.origin}/hook`, events: ['run.end'], description: ODD }),
  'webhooks.get': ({ webhookId }) => ({ webhookId }),
  'webhooks.patch': ({ webhookId }) => ({ webhookId, description: ODD }),
  'webhooks.rotate': ({ webhookId }) => ({ webhookId }),
  'webhooks.deliveries': ({ webhookId }) => ({ webhookId, state: 'delivered' }),
  'webhooks.redeliver': ({ webhookId, deliveryId }) => ({ webhookId, deliveryId }),
  'apiKeys.list': () => ({ active: true }),
  'apiKeys.create': () => ({ name: ODD, scopes: ['runs:read', 'runs:write'], expiresAt: laterBy(WEEK_MS) }),
  'apiKeys.rotate': async ({ api }) => {
    const { apiKeyId } = await api.apiKeys.create({ name: 'billing service', scopes: ['runs:read'] });
    return { apiKeyId, overlapSeconds: 3600 };
  },
  'userTokens.create': ({ crm }) => ({
    userId: USER,
    can: ['watch', 'decide'],
    integrations: [crm.customerIntegrationId],
  }),
  'userTokens.revoke': () => ({ userId: USER }),
  'users.list': () => ({ q: "o'b" }),
  'users.get': () => ({ userId: USER }),
  'users.erase': async ({ api, crm }) => {
    const userId = `leaver/${crypto.randomUUID()}?`;
    await api.integrations.putCredentials({ ...crm, userId, apiToken: 'token of the user' });
    return { userId, erase: 'everything' };
  },
  'usage.get': () => ({ by: 'status', from: new Date().toISOString().slice(0, 10) }),
  'audit.list': () => ({ actions: ['api_key.created', 'webhook.created'] }),
  'workspace.status': () => ({}),
  'workspace.origins': () => ({}),
  'workspace.allowOrigin': () => ({ origin: 'http://10.0.0.7:8080', note: ODD }),
  'workspace.setBrand': () => ({ name: "Acme's", color: '#0b5fff' }),
  'workspace.setBrowserOrigins': () => ({ origins: [APP] }),
  'workspace.setConsentSettings': () => ({ verifyUrl: `${APP}/consents/verify` }),
};
