// The authorization server of a stand-in. It obeys the settings of a way, and notes each request that does not.
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { type CatalogEntry, type CatalogWay, expandTemplate } from '@errand/contracts';
import { json } from '../fixtures/stub.ts';

export const CLIENT = { clientId: 'client-1', clientSecret: 's3cr3t-of-the-client' };

export type Received = { method: string; url: URL; headers: IncomingHttpHeaders; body: string };

type Options = {
  entry: CatalogEntry;
  way: CatalogWay;
  values: Readonly<Record<string, string>>;
  faults: string[];
  origin: string;
};
type OAuthWay = Extract<CatalogWay, { type: 'OAUTH2' }>;
type ClientWay = Extract<CatalogWay, { type: 'CLIENT_CREDENTIALS' }>;

export class AuthorizationStandIn {
  readonly accessToken = `at-${randomBytes(8).toString('hex')}`;
  /** Code challenges by code. */
  readonly #codes = new Map<string, string | null>();

  constructor(private readonly options: Options) {}

  /** @returns whether the request is one for this server */
  answer(received: Received, response: ServerResponse): boolean {
    const { way, entry } = this.options;
    const isAt = (template: string | undefined) =>
      template !== undefined && received.url.pathname === new URL(this.#expand(template)).pathname;
    if (way.type === 'OAUTH2' && received.method === 'GET' && isAt(way.authorizationUrl)) {
      this.#authorize(way, received, response);
      return true;
    }
    if (
      (way.type === 'OAUTH2' || way.type === 'CLIENT_CREDENTIALS') &&
      received.method === 'POST' &&
      isAt(way.tokenUrl)
    ) {
      this.#issue(way, received, response);
      return true;
    }
    const lookedUp = Object.values(entry.variables).find(({ request }) => isAt(request?.url));
    if (!lookedUp) return false;
    this.#expect(received.headers.authorization === `Bearer ${this.accessToken}`, 'the look-up has no access token');
    json(response, nested(lookedUp.path ?? '', lookedUp.example));
    return true;
  }

  #expand = (text: string): string => expandTemplate(text, this.options.values) ?? text;

  #expect(condition: boolean, fault: string): void {
    if (!condition) this.options.faults.push(fault);
  }

  #authorize(
    { pkce, scopeSeparator = ' ', scopes, parameters = {} }: OAuthWay,
    { url }: Received,
    response: ServerResponse,
  ) {
    const { searchParams: query } = url;
    const challenge = query.get('code_challenge');
    this.#expect(query.get('client_id') === CLIENT.clientId, 'another client_id');
    this.#expect(query.get('response_type') === 'code', 'another response_type');
    this.#expect((challenge !== null) === (pkce !== 'off'), `code_challenge with pkce ${pkce}`);
    const requested = ['basic', 'read', 'write'].flatMap((purpose) => scopes?.[purpose] ?? []);
    const scope = requested.length === 0 ? null : requested.join(scopeSeparator);
    this.#expect((query.get('scope') || null) === scope, `scope ${query.get('scope')} instead of ${scope}`);
    for (const [name, value] of Object.entries(parameters))
      this.#expect(query.get(name) === this.#expand(value), `parameter ${name} is ${query.get(name)}`);
    const code = randomBytes(8).toString('hex');
    this.#codes.set(code, challenge);
    const to = new URL(query.get('redirect_uri') ?? '');
    to.searchParams.set('code', code);
    to.searchParams.set('state', query.get('state') ?? '');
    response.writeHead(302, { location: to.href }).end();
  }

  #issue(way: OAuthWay | ClientWay, { headers, body }: Received, response: ServerResponse): void {
    const { tokenRequest = {}, clientAuthentication = 'client_secret_basic' } = way;
    const isJson = tokenRequest.body === 'json';
    const type = headers['content-type'] ?? '';
    this.#expect(type.includes(isJson ? 'application/json' : 'x-www-form-urlencoded'), `the body is ${type}`);
    const sent = (isJson ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body))) as Record<string, unknown>;
    for (const [name, value] of Object.entries(tokenRequest.parameters ?? {}))
      this.#expect(String(sent[name]) === this.#expand(value), `token parameter ${name} is ${sent[name]}`);
    for (const [name, value] of Object.entries(tokenRequest.headers ?? {}))
      this.#expect(headers[name.toLowerCase()] === value, `token header ${name} is ${headers[name.toLowerCase()]}`);
    this.#checkClient(clientAuthentication, headers, sent);
    if (way.type === 'OAUTH2') this.#checkCode(way, sent);
    else this.#expect(sent.grant_type === (way.grantType ?? 'client_credentials'), `grant_type ${sent.grant_type}`);
    json(response, this.#tokens(way));
  }

  #checkClient(method: string, headers: IncomingHttpHeaders, sent: Record<string, unknown>): void {
    const inBody = sent.client_id === CLIENT.clientId && sent.client_secret === CLIENT.clientSecret;
    const basic = (user: string, password: string) =>
      headers.authorization === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const isRight = {
      client_secret_post: inBody && headers.authorization === undefined,
      client_secret_basic: basic(CLIENT.clientId, CLIENT.clientSecret) && sent.client_secret === undefined,
      secret_as_user: basic(CLIENT.clientSecret, ''),
      none: sent.client_secret === undefined,
    }[method];
    this.#expect(isRight === true, `the client is not authenticated by ${method}`);
  }

  #checkCode({ pkce }: OAuthWay, sent: Record<string, unknown>): unknown {
    this.#expect(sent.grant_type === 'authorization_code', `grant_type ${sent.grant_type}`);
    const challenge = this.#codes.get(String(sent.code));
    this.#expect(challenge !== undefined, 'an unknown code');
    const verifier = sent.code_verifier;
    if (pkce === 'off') return this.#expect(verifier === undefined, 'code_verifier with pkce off');
    const hash = createHash('sha256').update(String(verifier)).digest('base64url');
    this.#expect(hash === challenge, 'code_verifier does not fit code_challenge');
  }

  #tokens(way: OAuthWay | ClientWay): object {
    const { entry, values } = this.options;
    const okPath = entry.rules?.answers?.okPath;
    const captured = Object.entries(entry.variables).flatMap(([name, { from, path }]) =>
      from === 'tokenAnswer' ? [[path ?? name, values[name]]] : [],
    );
    // Slack gives its tokens a type of its own.
    const tokens = { access_token: this.accessToken, token_type: okPath ? 'bot' : 'Bearer', expires_in: 3600 };
    const path = way.tokenAnswer?.path;
    return {
      ...(path === undefined ? tokens : nested(path, tokens)),
      ...Object.fromEntries(captured),
      ...(okPath && { [okPath]: true }),
    };
  }
}

/** A value at a path of member names; a number is an index. */
function nested(path: string, value: unknown): object {
  const [first = '', ...rest] = path.split('.');
  const inner = rest.length === 0 ? value : nested(rest.join('.'), value);
  return first === '0' ? [inner] : { [first]: inner };
}
