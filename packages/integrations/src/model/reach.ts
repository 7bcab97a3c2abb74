import { withoutTrailing } from '@errand/basics/text-end';
import type { Egress } from '../egress/egress.ts';
import { endpointOf, type ModelOptions } from './options.ts';

const REACH_MS = 5000;
const MAX_BYTES = 4096;

type Endpoint = Pick<ModelOptions, 'provider' | 'apiKey' | 'baseUrl'>;

/**
 * Lists the models of an endpoint, which costs nothing. @returns the status of the answer; some compatible endpoints have no list
 * @throws EgressError if the endpoint does not answer
 */
export async function reachModel(endpoint: Endpoint, egress: Egress): Promise<number> {
  const { status } = await egress.request({
    method: 'GET',
    url: `${withoutTrailing(endpointOf(endpoint), '/')}/models`,
    headers: headersOf(endpoint),
    credentials: true,
    timeoutMs: REACH_MS,
    maxBytes: MAX_BYTES,
    whenTooLarge: 'cut',
  });
  return status;
}

function headersOf({ provider, apiKey }: Endpoint): Record<string, string> {
  const key = apiKey?.reveal();
  if (!key) return {};
  switch (provider) {
    case 'anthropic':
      return { 'x-api-key': key, 'anthropic-version': '2023-06-01' };
    case 'google':
      return { 'x-goog-api-key': key };
    default:
      return { authorization: `Bearer ${key}` };
  }
}
