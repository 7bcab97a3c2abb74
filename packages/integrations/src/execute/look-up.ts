import type { Secret } from '@errand/contracts';
import { EgressError } from '../egress/error.ts';
import { BOUNDS, checkIsComplete, type EgressContext } from '../oauth/http.ts';
import { parsedJson } from '../parsed-json.ts';
import { attachCredential, type CallAuth } from './credential.ts';

/**
 * Reads an answer of a service with a new access token; undefined if it is no JSON or no success.
 * @throws EgressError if the service does not answer
 */
export async function lookUp(
  { method, url }: { method: 'GET' | 'POST'; url: string },
  { accessToken, placement }: { accessToken: Secret; placement?: (CallAuth & { type: 'OAUTH2' })['placement'] },
  { egress, signal }: EgressContext,
): Promise<unknown> {
  checkIsComplete(url);
  const request = { url: new URL(url), headers: { accept: 'application/json' } as Record<string, string> };
  await attachCredential(request, { method, auth: { type: 'OAUTH2', accessToken, placement }, args: {} }, []);
  const { status, body } = await egress.request({
    method,
    url: request.url.href,
    headers: request.headers,
    signal,
    credentials: true,
    ...BOUNDS,
  });
  if (status >= 500) throw new EgressError('upstream_unreachable', { sent: true, status });
  return status >= 200 && status < 300 ? parsedJson(body.toString('utf8')) : undefined;
}
