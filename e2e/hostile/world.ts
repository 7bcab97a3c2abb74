// A service in one process, its workspace with one of each thing, and a workspace of another tenant.
import { aPlan, aRun, carryOut } from '../fixtures/builders.ts';
import { APP } from '../fixtures/default-service.ts';
import { type Office, startOffice } from '../fixtures/office.ts';
import { oneOfEach } from '../fixtures/one-of-each.ts';
import { loginLink, newPlatformKey } from '../fixtures/operator.ts';
import type { Stack } from '../fixtures/stack.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { aPerson } from '../people/person.ts';
import type { Seeds } from './locations.ts';

export type World = {
  office: Office<Stack>;
  api: Api;
  /** Headers of the key of the workspace, of an operator's key, and of an operator in the console. */
  headers: Record<'key' | 'platform' | 'person', Record<string, string>>;
  /** Values by the schema that has them, or by `.field`. */
  seeds: Seeds;
  /** An errand of another workspace. @returns how it ended */
  look(): Promise<string>;
  close(): Promise<void>;
};

export async function startWorld(allow: readonly string[], env: Record<string, string> = {}): Promise<World> {
  const settings = { ERRAND_RATE_LIMIT: '0', ERRAND_REDIRECT_ORIGINS: APP, ...env };
  const office = await startOffice({ seed: true, allow, env: settings });
  const { stack, stub, id } = office;
  const api = overRest(stack);
  const person = await aPerson(stack.url, await loginLink(stack));
  const { workspaces } = (await person.call('session.get')).body;
  const other = overRest(await office.stranger());
  const service = { name: 'Office', kind: 'openapi', document: stub.document, auth: { type: 'NONE' } } as const;
  const { customerIntegrationId } = await other.integrations.create(service);
  const errand = aRun({ plan: aPlan(`${customerIntegrationId}.look`) });
  const tool = `${id}.look`;
  const { fingerprint } = await api.integrations.toolChange({ customerIntegrationId: id, tool });
  const console = { cookie: person.cookie, 'x-errand-console': person.token, origin: new URL(stack.url).origin };
  return {
    office,
    api,
    headers: {
      key: { 'x-api-key': stack.apiKey },
      platform: { 'x-api-key': await newPlatformKey(stack) },
      person: { ...console, 'x-errand-workspace': workspaces[0].workspaceId },
    },
    seeds: {
      ...(await oneOfEach(office)),
      ...{ '.fingerprint': fingerprint, '.document': stub.document, '.selectedCustomerIntegrationIds': [id] },
      ...{ '.mode': 'same_plan', '.plan': aPlan(tool), '.cron': '0 9 * * 1', '.url': `${stub.origin}/hook` },
      '.expiresAt': new Date(Date.now() + 1e9).toISOString(),
    },
    look: async () => (await carryOut(other, errand)).run.status,
    close: () => office.close(),
  };
}
