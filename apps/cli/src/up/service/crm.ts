// The demo CRM beside a service with an embedded database.
import { join } from 'node:path';
import { readJson, writePrivately } from '../early/json-files.mjs';
import type { Crm } from '../early/running.mjs';
import { firstLine, type launch, programs } from './processes.ts';

/** Starts the CRM with its previous address and token, so that its registration stays valid. */
export async function startCrm(dataDir: string, env: NodeJS.ProcessEnv, start: typeof launch): Promise<Crm> {
  const path = join(dataDir, 'demo.json');
  const previous = readJson(path) as Partial<Crm> | undefined;
  const at = async (port: string): Promise<Crm> => {
    const child = start([programs.crm], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...env, CRM_PORT: port, ...(previous?.token && { CRM_TOKEN: previous.token }) },
    });
    const { crm, token } = JSON.parse(await firstLine(child, 'The demo CRM')) as {
      crm: { url: string };
      token: string;
    };
    return { url: crm.url, token };
  };
  const port = previous?.url ? new URL(previous.url).port : '0';
  const crm = await at(port).catch((error) => (port === '0' ? Promise.reject(error) : at('0')));
  writePrivately(path, crm);
  return crm;
}

/** The settings with which the service may call the CRM and registers it. */
export const settingsForCrm = (crm: Crm, settings: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ERRAND_EGRESS_ALLOW: [settings.ERRAND_EGRESS_ALLOW, crm.url].filter(Boolean).join(','),
  ERRAND_SEED: settings.ERRAND_SEED ?? JSON.stringify([registrationOf(crm)]),
});

const registrationOf = ({ url, token }: Crm) => ({ name: 'CRM', url: `${url}/openapi.json`, token, enable: 'all' });

/** Registers the CRM again if it moved to another port. */
export async function repoint({ url, apiKey }: { url: string; apiKey: string }, crm: Crm): Promise<void> {
  const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' };
  const listed = await fetch(`${url}/v1/integrations`, { headers });
  const list = (await listed.json()) as { customerIntegrationId: string; name: string; host: string }[];
  const stale = list.find(({ name, host }) => name === 'CRM' && host !== new URL(crm.url).host);
  if (!stale) return;
  await fetch(`${url}/v1/integrations/${stale.customerIntegrationId}`, {
    method: 'DELETE',
    headers: { 'x-api-key': apiKey },
  });
  const { token, ...registration } = registrationOf(crm);
  const body = JSON.stringify({ ...registration, auth: { type: 'API_TOKEN', token } });
  const registered = await fetch(`${url}/v1/integrations`, { method: 'POST', headers, body });
  if (!registered.ok) throw new Error(`The CRM could not be registered again: ${await registered.text()}`);
}
