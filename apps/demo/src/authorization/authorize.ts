// The authorization endpoint: a page for sign-in and consent, and the redirect to the client.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Client, isRedirectOf } from './clients.ts';
import type { Consent, Grants } from './grants.ts';

export type AuthorizeOptions = {
  clients: readonly Client[];
  users: Readonly<Record<string, string>>;
  scopes: Readonly<Record<string, string>>;
  grants: Grants;
  issuer: () => string;
};

const COOKIE_NAME = 'consent';
type Fault = { error: string; description: string };

/** A valid request; or a fault, for the page or, if the redirect URI belongs to the client, for the client. */
type ParseOutcome =
  | { kind: 'valid'; consent: Consent; state: string | undefined }
  | { kind: 'page'; message: string }
  | { kind: 'client'; fault: Fault; redirectUri: string; state: string | undefined };

function parseAuthorizationRequest(query: URLSearchParams, { clients, scopes }: AuthorizeOptions): ParseOutcome {
  const client = clients.find((client) => client.clientId === query.get('client_id'));
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!client) return { kind: 'page', message: 'This client is not known here.' };
  // Users are redirected only to registered addresses of the client.
  if (!isRedirectOf(client, redirectUri))
    return { kind: 'page', message: 'The redirect URI is not one of the client.' };
  const state = query.get('state') ?? undefined;
  const clientError = (error: string, description: string): ParseOutcome => ({
    kind: 'client',
    fault: { error, description },
    redirectUri,
    state,
  });
  if ([...new Set(query.keys())].some((name) => query.getAll(name).length > 1)) {
    return clientError('invalid_request', 'A parameter came twice.');
  }
  if (query.get('response_type') !== 'code') return clientError('unsupported_response_type', 'Only code is served.');
  const challenge = query.get('code_challenge') ?? '';
  if (query.get('code_challenge_method') !== 'S256' || !/^[\w-]{43}$/.test(challenge)) {
    return clientError('invalid_request', 'PKCE with S256 is required.');
  }
  const scope = query.get('scope') ?? Object.keys(scopes).join(' ');
  if (scope.split(' ').some((name) => !Object.hasOwn(scopes, name)))
    return clientError('invalid_scope', 'An unknown scope.');
  const resource = query.get('resource') ?? undefined;
  const consent = {
    clientId: client.clientId,
    redirectUri,
    challenge,
    scope,
    ...(resource !== undefined && { resource }),
  };
  return { kind: 'valid', consent, state };
}

function sendPage(reply: FastifyReply, status: number, title: string, body: string): FastifyReply {
  const nonce = randomBytes(16).toString('base64');
  return (
    reply
      .status(status)
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('referrer-policy', 'no-referrer')
      .header('x-content-type-options', 'nosniff')
      // No form-action, because browsers apply it to all redirects after the form, including those of the client.
      .header(
        'content-security-policy',
        `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; frame-ancestors 'none'`,
      )
      .send(page(title, body, nonce))
  );
}

/** Mounts the page at GET /authorize and its form at POST /authorize. */
export function mountAuthorize(app: FastifyInstance, options: AuthorizeOptions): void {
  const redirectToClient = (reply: FastifyReply, redirectUri: string, answer: Record<string, string | undefined>) => {
    const url = new URL(redirectUri);
    for (const [name, value] of Object.entries(answer)) if (value !== undefined) url.searchParams.append(name, value);
    url.searchParams.append('iss', options.issuer());
    return reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer').redirect(url.href, 303);
  };

  const sendRefusal = (reply: FastifyReply, refusal: Exclude<ParseOutcome, { kind: 'valid' }>) =>
    refusal.kind === 'page'
      ? sendPage(reply, 400, 'Not possible', text(refusal.message))
      : redirectToClient(reply, refusal.redirectUri, {
          error: refusal.fault.error,
          error_description: refusal.fault.description,
          state: refusal.state,
        });

  type ConsentPrompt = { query: string; consent: Consent; problem?: string };

  const sendConsentPage = (
    request: FastifyRequest,
    reply: FastifyReply,
    { query, consent, problem }: ConsentPrompt,
  ) => {
    const csrf = cookieOf(request) ?? randomBytes(24).toString('base64url');
    reply.header('set-cookie', `${COOKIE_NAME}=${csrf}; HttpOnly; SameSite=Lax; Path=/authorize; Max-Age=600`);
    const scopes = consent.scope.split(' ').map((name) => options.scopes[name] ?? name);
    const form = { clientId: consent.clientId, scopes, request: query, csrf, ...(problem && { problem }) };
    return sendPage(reply, problem ? 403 : 200, 'Sign in and allow?', consentForm(form));
  };

  app.get('/authorize', (request, reply) => {
    const query = request.url.split('?')[1] ?? '';
    const outcome = parseAuthorizationRequest(new URLSearchParams(query), options);
    return outcome.kind === 'valid'
      ? sendConsentPage(request, reply, { query, consent: outcome.consent })
      : sendRefusal(reply, outcome);
  });

  app.post<{ Body: URLSearchParams }>('/authorize', (request, reply) => {
    const form = request.body;
    const query = form.get('request') ?? '';
    if (!isSame(form.get('csrf') ?? '', cookieOf(request) ?? '')) {
      return sendPage(reply, 403, 'Not possible', text('This form was not shown by us in this browser.'));
    }
    // Validates the whole request again, because the browser may have changed the form.
    const outcome = parseAuthorizationRequest(new URLSearchParams(query), options);
    if (outcome.kind !== 'valid') return sendRefusal(reply, outcome);
    const { consent, state } = outcome;
    if (form.get('decision') !== 'allow')
      return redirectToClient(reply, consent.redirectUri, { error: 'access_denied', state });
    const user = form.get('username') ?? '';
    if (!isPasswordOf(options.users, user, form.get('password') ?? ''))
      return sendConsentPage(request, reply, { query, consent, problem: 'User name or password is wrong.' });
    return redirectToClient(reply, consent.redirectUri, { code: options.grants.consent(consent, user), state });
  });
}

const isPasswordOf = (users: AuthorizeOptions['users'], user: string, password: string): boolean =>
  Object.hasOwn(users, user) && isSame(users[user]!, password);

const cookieOf = (request: FastifyRequest): string | undefined =>
  new RegExp(`(?:^|; )${COOKIE_NAME}=([\\w-]{32})(?:;|$)`).exec(request.headers.cookie ?? '')?.[1];

const isSame = (left: string, right: string): boolean => {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length > 0 && a.length === b.length && timingSafeEqual(a, b);
};

const escaped = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { display: grid; place-items: center; min-height: 100vh; margin: 0; }
main { width: min(24rem, 90vw); }
label { display: block; margin: .75rem 0; }
input { display: block; box-sizing: border-box; width: 100%; padding: .5rem; font: inherit; }
button { padding: .5rem 1.25rem; font: inherit; margin-right: .5rem; }
[role=alert] { color: #b00020; }
@media (prefers-color-scheme: dark) { [role=alert] { color: #ff8a9b; } }`;

/** A whole page without external resources. */
const page = (title: string, body: string, nonce: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style nonce="${nonce}">${STYLE}</style></head><body><main><h1>${escaped(title)}</h1>${body}</main></body></html>`;

type ConsentFormFields = {
  clientId: string;
  /** The permission of each requested scope, in words. */
  scopes: readonly string[];
  /** The query of the request, which the form returns. */
  request: string;
  csrf: string;
  problem?: string;
};

const consentForm = ({ clientId, scopes, request, csrf, problem }: ConsentFormFields): string => `
<p><strong>${escaped(clientId)}</strong> asks to use your account:</p>
<ul>${scopes.map((scope) => `<li>${escaped(scope)}</li>`).join('')}</ul>
${problem ? `<p role="alert">${escaped(problem)}</p>` : ''}
<form method="post" action="/authorize">
<input type="hidden" name="request" value="${escaped(request)}">
<input type="hidden" name="csrf" value="${escaped(csrf)}">
<label>User name <input name="username" autocomplete="username" autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>`;

const text = (message: string): string => `<p>${escaped(message)}</p>`;
