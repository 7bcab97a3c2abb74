// AWS Signature Version 4 as a service checks it, written from AWS's description and independent of the library that signs.
import { createHash, createHmac } from 'node:crypto';

export type SeenRequest = {
  method: string;
  /** Path and query as received. */
  url: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
};

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const written = (text: string) =>
  [...Buffer.from(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9_.~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The scope, key id, signed headers and signature that a request claims. */
export function claimOf({ headers }: SeenRequest) {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      String(headers.authorization ?? ''),
    );
  if (!match) return undefined;
  const [, keyId = '', day = '', region = '', service = '', names = '', signature = ''] = match;
  return { keyId, day, region, service, names: names.split(';'), signature };
}

/**
 * Why a request is not signed with `secret`; undefined when it is. The signature is computed from the request.
 * @param now the service's clock; undefined leaves the time unchecked
 */
export function faultOfSignature(request: SeenRequest, secret: string, now?: Date): string | undefined {
  const claim = claimOf(request);
  if (!claim) return 'no signature';
  const header = (name: string) =>
    String(request.headers[name] ?? '')
      .trim()
      .replace(/ +/g, ' ');
  const at = header('x-amz-date');
  if (!/^\d{8}T\d{6}Z$/.test(at) || !at.startsWith(claim.day)) return 'no date, or another day';
  const instant = Date.parse(at.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z'));
  if (now && Math.abs(now.getTime() - instant) > 300_000) return 'signed at another time';
  if (!claim.names.includes('host')) return 'host is not signed';
  const loose = Object.keys(request.headers).filter((name) => name.startsWith('x-amz-') && !claim.names.includes(name));
  if (loose.length > 0) return `not signed: ${loose.join()}`;
  const hash = sha256(request.body);
  if (request.headers['x-amz-content-sha256'] !== undefined && header('x-amz-content-sha256') !== hash)
    return 'another body';
  const [path = '', query = ''] = request.url.split(/\?(.*)/s);
  const pairs = query === '' ? [] : query.split('&').map((pair) => pair.split(/=(.*)/s) as [string, string?]);
  const canonicalQuery = pairs
    .map(([name, value = '']) => [written(decodeURIComponent(name)), written(decodeURIComponent(value))] as const)
    .sort(([a, x], [b, y]) => order(a, b) || order(x, y))
    .map((pair) => pair.join('='))
    .join('&');
  const canonical = [
    request.method,
    claim.service === 's3' ? path : path.split('/').map(written).join('/'),
    canonicalQuery,
    ...claim.names.map((name) => `${name}:${header(name)}`),
    '',
    claim.names.join(';'),
    hash,
  ].join('\n');
  const scope = `${claim.day}/${claim.region}/${claim.service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n');
  const key = ['aws4_request', claim.service, claim.region, claim.day].reduceRight(
    (key: string | Buffer, part) => hmac(key, part),
    `AWS4${secret}`,
  );
  return hmac(key, toSign).toString('hex') === claim.signature ? undefined : 'another signature';
}
