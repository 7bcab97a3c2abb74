// The steps of an administrator who adds a product, by the API.

/**
 * @typedef {import('../../packages/client/src/index.ts').Client} Client
 * @typedef {{ apiKey: string, webhookId: string, webhookSecret: string }} Credentials of the server of the product
 * @typedef {{ documentUrl: string, clientId: string, clientSecret: string }} Calendar
 */

/** @param {Client} errand with the scope `admin` @param {string} appUrl the origin of the product */
export async function setUpWorkspace(errand, appUrl) {
  await errand.workspace.setBrowserOrigins.mutate({ origins: [appUrl] });
  await errand.workspace.setConsentSettings.mutate({ verifyUrl: `${appUrl}/consents/verify` });
  await errand.workspace.setBrand.mutate({ name: 'Deskline', color: '#0f766e' });
}

/** @param {Client} errand with the scope `admin` @param {string} webhookUrl @returns {Promise<Credentials>} */
export async function createCredentials(errand, webhookUrl) {
  const { key } = await errand.apiKeys.create.mutate({
    name: 'Deskline',
    product: 'helpdesk',
    scopes: ['runs:read', 'runs:write', 'approvals:decide', 'connections:write', 'persons:claim'],
  });
  const { webhookId, secret } = await errand.webhooks.create.mutate({
    url: webhookUrl,
    events: ['run.started', 'run.waiting', 'run.end'],
  });
  return { apiKey: key, webhookId, webhookSecret: secret };
}

/** Each user connects the own account at the calendar. @param {Client} errand @param {Calendar} calendar */
export async function registerCalendar(errand, { documentUrl, clientId, clientSecret }) {
  const { integrations } = await errand.integrations.list.query({});
  const registered = integrations.find(({ name }) => name === 'Calendar');
  if (registered?.host === new URL(documentUrl).host) return;
  if (registered) {
    const { customerIntegrationId } = registered;
    await errand.integrations.delete.mutate({ customerIntegrationId });
  }
  await errand.integrations.create.mutate({
    name: 'Calendar',
    kind: 'openapi',
    url: documentUrl,
    auth: { type: 'OAUTH2', clientId, clientSecret },
    enable: 'all',
  });
}
