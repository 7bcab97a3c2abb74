import { percentEncode } from '@errand/basics/percent';
import { sha256 } from '@errand/basics/sha256';
import type { Secret } from '@errand/contracts';
import { AwsV4Signer } from 'aws4fetch';

export type AwsKeys = { accessKeyId: string; secretAccessKey: Secret; sessionToken?: Secret };

export type SignedCall = { method: string; url: URL; headers: Record<string, string>; body?: string | Buffer };

export const awsHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
]);

/**
 * Signs a request by AWS Signature Version 4: method, path, query, headers and the hash of the body. Rewrites the query of `url` in the
 * signed encoding.
 * @param at the time of the signature; AWS accepts it for about five minutes
 */
export async function signAws(
  call: SignedCall,
  keys: AwsKeys,
  scope: { region: string; service: string },
  at = new Date(),
): Promise<void> {
  const { url, headers, body } = call;
  // AWS compares the signature with the bytes that it receives.
  const pairs = [...url.searchParams].filter(([name]) => name !== '');
  url.search = pairs.map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join('&');
  headers['x-amz-content-sha256'] = sha256(body ?? '');
  const signed = await new AwsV4Signer({
    region: scope.region,
    service: scope.service,
    method: call.method,
    url: url.href,
    headers,
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey.reveal(),
    sessionToken: keys.sessionToken?.reveal(),
    datetime: at.toISOString().replace(/[:-]|\.\d{3}/g, ''),
  }).sign();
  for (const name of awsHeaders) {
    const value = signed.headers.get(name);
    if (value !== null) headers[name] = value;
  }
}
