import { createHash, timingSafeEqual } from 'node:crypto';

/** A registered client; public if it has no secret. */
export type Client = { clientId: string; clientSecret?: string; redirectUris: readonly string[] };

const digest = (text: string) => createHash('sha256').update(text).digest();
const same = (left: string, right: string) => timingSafeEqual(digest(left), digest(right));
const decoded = (text: string) => new URLSearchParams(`x=${text}`).get('x') ?? '';

/** Authenticates a client by HTTP Basic or by the form (RFC 6749 §2.3.1); undefined if the credentials are invalid. */
export function clientOf(
  clients: readonly Client[],
  authorization: string | undefined,
  form: URLSearchParams,
): Client | undefined {
  const basic = /^Basic ([\w+/=]+)$/i.exec(authorization ?? '')?.[1];
  if (basic !== undefined && form.has('client_secret')) return undefined;
  const [id = '', secret] =
    basic === undefined
      ? [form.get('client_id') ?? '', form.get('client_secret') ?? undefined]
      : Buffer.from(basic, 'base64').toString().split(':').map(decoded);
  const client = clients.find((client) => client.clientId === id);
  if (!client) return undefined;
  if (client.clientSecret === undefined) return secret === undefined ? client : undefined;
  return secret !== undefined && same(secret, client.clientSecret) ? client : undefined;
}

/** Whether a redirect URI is registered. A registered loopback address matches any port (RFC 8252 §7.3). */
export function isRedirectOf(client: Client, uri: string): boolean {
  if (client.redirectUris.includes(uri)) return true;
  if (!URL.canParse(uri)) return false;
  const url = new URL(uri);
  if (url.protocol !== 'http:' || !['127.0.0.1', 'localhost'].includes(url.hostname)) return false;
  url.port = '';
  return client.redirectUris.includes(url.href);
}
