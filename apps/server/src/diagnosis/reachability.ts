// Whether the services that Errand calls can be reached from this machine, with the guard and the proxy of the settings.
import type { Db } from '@errand/db';
import {
  createEgress,
  type Egress,
  endpointOf,
  errorChain,
  findEgressError,
  type InstanceEgress,
  reachModel,
} from '@errand/integrations';
import { OriginsOf } from '@errand/toolbox';
import type { Config } from '../config/config.ts';
import type { ModelConfig } from '../config/model.ts';
import { openEgress } from '../egress.ts';
import { toStartErrorText } from '../start/explain.ts';
import { type Finding, failed, ok, skipped, warning } from './finding.ts';
import { within } from './within.ts';

const REACH_MS = 5000;
const MAX_BYTES = 4096;
/** Unreachable integrations with a finding each. */
const MAX_FINDINGS = 20;

type Address = Awaited<ReturnType<Db['checks']['integrationAddresses']>>[number];

export type EgressChecks = {
  config: Config;
  db: Db;
  databaseUrls: readonly string[];
  /** Origins that need not answer. */
  stopped: readonly string[];
};

/** One finding for each integration that cannot be reached, or one for all. */
export async function egressFindings({ config, db, databaseUrls, stopped }: EgressChecks): Promise<Finding[]> {
  const egress = openEgress({ config, db, databaseUrls }, new OriginsOf(db));
  try {
    const all = await db.checks.integrationAddresses();
    const addresses = all.filter(({ baseUrl }) => isOneHost(baseUrl) && !stopped.includes(new URL(baseUrl).origin));
    const reached = await Promise.all(addresses.map((address) => within('egress', () => reach(egress, address))));
    const faults = reached.filter(({ status }) => status !== 'ok');
    if (faults.length > MAX_FINDINGS) {
      const text = `${faults.length - MAX_FINDINGS} more integrations cannot be reached.`;
      return [...faults.slice(0, MAX_FINDINGS), failed('egress', text)];
    }
    if (faults.length > 0) return faults;
    if (reached.length === 0) return [ok('egress', 'No integration has an address to reach.')];
    if (reached.length === 1) return reached;
    return [ok('egress', `The ${reached.length} addresses of integrations can be reached.`)];
  } catch (error) {
    if ((error as { code?: string }).code === '42P01') return [skipped('egress', 'The database has no tables yet')];
    return [failed('egress', toStartErrorText(error))];
  } finally {
    await egress.close();
  }
}

/** The host of a URL with variables may be different for each user. */
const isOneHost = (url: string): boolean => URL.canParse(url) && !/^[a-z]+:\/\/[^/?#]*[{}]/i.test(url);

async function reach(egress: InstanceEgress, { workspaceId, name, baseUrl }: Address): Promise<Finding> {
  const { origin } = new URL(baseUrl);
  try {
    await egress.forWorkspace(workspaceId).request({
      method: 'HEAD',
      url: origin,
      credentials: false,
      timeoutMs: REACH_MS,
      maxBytes: MAX_BYTES,
      whenTooLarge: 'cut',
    });
  } catch (error) {
    const failure = findEgressError(error);
    // A redirect or a broken answer comes from the service.
    if (failure?.status === undefined)
      return failed('egress', `${name} at ${origin}: ${reasonOf(error)}`, remedyOf(error));
  }
  return ok('egress', `${name} at ${origin} can be reached.`);
}

/** The model and its fallback. */
export async function modelFindings({ model, egressAllow, egressProxy }: Config): Promise<Finding[]> {
  if (!model) return [ok('model', 'No model is set: the built-in planner plans.')];
  const egress = createEgress({ allowOrigins: egressAllow, proxyUrl: egressProxy?.reveal() });
  try {
    const endpoints = model.fallback ? [model, model.fallback] : [model];
    return await Promise.all(endpoints.map((endpoint) => within('model', () => modelFinding(endpoint, egress))));
  } finally {
    await egress.close();
  }
}

type Endpoint = Pick<ModelConfig, 'provider' | 'model' | 'apiKey' | 'baseUrl'>;

async function modelFinding(endpoint: Endpoint, egress: Egress): Promise<Finding> {
  const { origin } = new URL(endpointOf(endpoint));
  const model = `${endpoint.provider}/${endpoint.model} at ${origin}`;
  try {
    const status = await reachModel(endpoint, egress);
    if (status === 401 || status === 403)
      return failed('model', `${model} refuses the API key (${status}).`, 'Correct the API key in the settings.');
    if (status >= 500 || status === 429) return warning('model', `${model} answers ${status}.`, 'Try again later.');
    return ok('model', `${model} can be reached.`);
  } catch (error) {
    return failed('model', `${model}: ${reasonOf(error)}`, remedyOf(error, true));
  }
}

function reasonOf(error: unknown): string {
  const [outermost, ...causes] = errorChain(error);
  const cause = causes.at(-1);
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  const message = (outermost?.message ?? String(error)).replace(/\.$/, '');
  return `${message}${cause ? ` (${code ?? cause.message})` : ''}.`;
}

function remedyOf(error: unknown, isInstance = false): string {
  const failure = findEgressError(error);
  const allowing = isInstance ? failure?.operatorRemedy : failure?.remedy;
  return allowing ?? 'Check the address, the name service, the firewall and ERRAND_EGRESS_PROXY.';
}
