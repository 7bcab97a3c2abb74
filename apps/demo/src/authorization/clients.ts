// The clients of the authorization server: their registration, authentication and redirect URIs.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

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

const METHODS = ['client_secret_basic', 'client_secret_post', 'none'];
const MEMBERS = new Set(
  `client_name client_uri redirect_uris grant_types response_types scope token_endpoint_auth_method
  application_type`.split(/\s+/),
);
const MAX_CLIENTS = 1000;

/** Accepts dynamic registrations (RFC 7591) at POST /register, and adds each client to `clients`. Refuses unknown members. */
export function mountRegister(app: FastifyInstance, clients: Client[]): void {
  app.post<{ Body: unknown }>('/register', (request, reply) => {
    const refuse = (error: string, description: string) =>
      reply.status(400).send({ error, error_description: description });
    const metadata = request.body as Record<string, unknown> | null;
    if (typeof metadata !== 'object' || metadata === null) return refuse('invalid_client_metadata', 'Send JSON.');
    const unknown = Object.keys(metadata).find((member) => !MEMBERS.has(member));
    if (unknown !== undefined) return refuse('invalid_client_metadata', `Unrecognized field "${unknown}".`);
    const { redirect_uris: uris, token_endpoint_auth_method: method = METHODS[0] } = metadata;
    if (!Array.isArray(uris) || uris.length === 0 || !uris.every(isRedirect))
      return refuse('invalid_redirect_uri', 'Give redirect URIs of https, or of this machine.');
    if (!METHODS.includes(String(method))) return refuse('invalid_client_metadata', 'An unknown authentication.');
    if (clients.length >= MAX_CLIENTS) return refuse('invalid_client_metadata', 'There are too many clients.');
    const client: Client = {
      clientId: randomBytes(12).toString('base64url'),
      ...(method !== 'none' && { clientSecret: randomBytes(24).toString('base64url') }),
      redirectUris: uris as string[],
    };
    clients.push(client);
    return reply.status(201).send({
      ...metadata,
      client_id: client.clientId,
      client_id_issued_at: Math.floor(Date.now() / 1000),
      token_endpoint_auth_method: method,
      ...(client.clientSecret !== undefined && { client_secret: client.clientSecret, client_secret_expires_at: 0 }),
    });
  });
}

function isRedirect(uri: unknown): boolean {
  if (typeof uri !== 'string' || !URL.canParse(uri)) return false;
  const { protocol, hostname, hash } = new URL(uri);
  return (
    hash === '' && (protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(hostname)))
  );
}
