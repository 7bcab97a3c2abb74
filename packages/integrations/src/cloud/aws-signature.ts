import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import type { Secret } from '@errand/contracts';
import { encode } from '../execute/percent.ts';

/** Keys of AWS, a user's own or of an assumed role. */
export type AwsKeys = { accessKeyId: string; secretAccessKey: Secret; sessionToken?: Secret };

export type SignedCall = { method: string; url: URL; headers: Record<string, string>; body?: string | Buffer };

/** Headers that a signature sets; nobody else may. */
export const awsHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
]);

/** SHA-256 in the shape that the signing library asks for. */
class Sha256 {
  #hash: Hash | Hmac;

  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', bytes(key));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    this.#hash = createHash('sha256');
  }
}

const bytes = (data: string | ArrayBuffer | ArrayBufferView): Uint8Array =>
  typeof data === 'string'
    ? Buffer.from(data)
    : ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data);

/**
 * Signs a request by AWS Signature Version 4: method, path, query, headers and the hash of the body. The query of `url` is
 * written anew, as it is signed.
 * @param at the time of the signature; AWS takes it for five minutes or so
 */
export async function signAws(
  call: SignedCall,
  keys: AwsKeys,
  scope: { region: string; service: string },
  at = new Date(),
): Promise<void> {
  // Loaded once it is needed: most services have no AWS behind them.
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const { url, headers, body } = call;
  const pairs = [...url.searchParams];
  const query: Record<string, string[]> = {};
  for (const [name, value] of pairs) query[name] = [...(query[name] ?? []), value];
  url.search = pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  const signer = new SignatureV4({
    ...scope,
    credentials: {
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey.reveal(),
      ...(keys.sessionToken && { sessionToken: keys.sessionToken.reveal() }),
    },
    sha256: Sha256,
    // S3 alone signs the path as it is sent.
    uriEscapePath: scope.service !== 's3',
  });
  headers['x-amz-content-sha256'] = createHash('sha256')
    .update(body ?? '')
    .digest('hex');
  const { host: _, ...signed } = (
    await signer.sign(
      {
        method: call.method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query,
        headers: { ...headers, host: url.host },
      },
      { signingDate: at },
    )
  ).headers;
  Object.assign(headers, signed);
}
