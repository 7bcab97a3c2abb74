import { MAX_URL, problem, variablesIn } from '@errand/contracts';
import type { OAuthHints } from '@errand/ports/service-auth';
import { discoveryRequest, type AuthorizationServer as Metadata, processDiscoveryResponse } from 'oauth4webapi';
import { EgressError, urlNotAllowed } from '../egress/error.ts';
import { checkAnswered, type EgressContext, fetchOptionsFor, isTemporaryError, readUrl } from './http.ts';
import { scopesIn } from './scopes.ts';
import type { AuthorizationServer, TokenServer } from './server.ts';

/** `requirePkce` rejects servers with metadata that do not list PKCE; `usesPkce: false` accepts those that list other methods. */
type ServerHints = OAuthHints & { requirePkce?: boolean };

const OIDC_PATH = '/.well-known/openid-configuration';

/**
 * Discovers the metadata of an authorization server. With an issuer, its metadata decides (RFC 8414, then OpenID Connect Discovery), and
 * must name the same issuer. With the two URLs alone, the metadata of their origin counts if it names the same URLs: then the issuer of
 * answers can be checked, and tokens can be revoked. The egress guard checks every URL, also those from metadata.
 * @throws ProblemError url_not_allowed, oauth_issuer_mismatch, oauth_failed
 */
export async function discoverAuthorization(hints: ServerHints, context: EgressContext): Promise<AuthorizationServer> {
  const { issuer, openIdConnectUrl, authorizationUrl, tokenUrl } = hints;
  const server =
    issuer !== undefined
      ? serverFrom(await issuerMetadata(issuer, context), hints)
      : openIdConnectUrl !== undefined
        ? serverFrom(await documentMetadata(openIdConnectUrl, context), hints)
        : authorizationUrl !== undefined && tokenUrl !== undefined
          ? await serverAtEndpoints({ ...hints, authorizationUrl, tokenUrl }, context)
          : undefined;
  if (!server) throw oauthFailed('Set the issuer, or authorizationUrl and tokenUrl: the document names neither.');
  for (const key of ['authorizationUrl', 'tokenUrl', 'revocationUrl', 'registrationUrl'] as const)
    await mustBeAllowed(server[key], key, context);
  return server;
}

/** The token endpoint of the owner, otherwise that of an issuer. @throws ProblemError url_not_allowed, oauth_issuer_mismatch, oauth_failed */
export async function discoverTokenServer(
  { issuer, tokenUrl }: Pick<OAuthHints, 'issuer' | 'tokenUrl'>,
  context: EgressContext,
): Promise<TokenServer> {
  const metadata = issuer === undefined ? undefined : await issuerMetadata(issuer, context);
  const url = tokenUrl ?? metadata?.token_endpoint;
  if (url === undefined) throw oauthFailed('Set the issuer, or tokenUrl: the document names neither.');
  await mustBeAllowed(url, 'tokenUrl', context);
  return { ...(metadata && { issuer: metadata.issuer }), tokenUrl: url };
}

async function mustBeAllowed(url: string | undefined, key: string, { egress }: EgressContext): Promise<void> {
  // A URL with variables is checked once their values are known.
  if (url === undefined || variablesIn(url).length > 0) return;
  await egress.checkUrl(url).catch((cause) => {
    throw urlNotAllowed(cause, `/${key}`, 'A URL of the authorization server may not be called.');
  });
}

/** The owner's settings override the metadata. */
function serverFrom(metadata: Metadata, hints: ServerHints): AuthorizationServer {
  const authorizationUrl = hints.authorizationUrl ?? metadata.authorization_endpoint;
  const tokenUrl = hints.tokenUrl ?? metadata.token_endpoint;
  const revocationUrl = hints.revocationUrl ?? metadata.revocation_endpoint;
  const methods = metadata.token_endpoint_auth_methods_supported;
  const pkce = metadata.code_challenge_methods_supported;
  if (authorizationUrl === undefined || tokenUrl === undefined)
    throw oauthFailed('The metadata of the authorization server lacks its authorization or token endpoint.');
  const lacksPkce = hints.requirePkce ? !pkce?.includes?.('S256') : Array.isArray(pkce) && !pkce.includes('S256');
  if (lacksPkce && hints.usesPkce !== false)
    throw oauthFailed('The metadata of the authorization server does not list PKCE with S256, which is required.');
  return {
    issuer: metadata.issuer,
    authorizationUrl,
    tokenUrl,
    ...(revocationUrl !== undefined && { revocationUrl }),
    ...(metadata.authorization_response_iss_parameter_supported === true && { sendsIssuer: true }),
    ...(Array.isArray(methods) && { clientAuthentication: methods.filter((method) => typeof method === 'string') }),
    ...(typeof metadata.registration_endpoint === 'string' && { registrationUrl: metadata.registration_endpoint }),
    ...(metadata.client_id_metadata_document_supported === true && { takesClientDocuments: true }),
    ...(scopesIn(metadata.scopes_supported).includes('offline_access') && { offersOfflineAccess: true }),
  };
}

/** The server of an issuer, with all of its metadata. @throws ProblemError url_not_allowed, oauth_issuer_mismatch, oauth_failed */
export async function discoverIssuer(
  issuer: string,
  context: EgressContext,
): Promise<{ server: AuthorizationServer; metadata: Metadata }> {
  const metadata = await issuerMetadata(issuer, context);
  const server = serverFrom(metadata, { issuer });
  await mustBeAllowed(server.authorizationUrl, 'authorizationUrl', context);
  await mustBeAllowed(server.tokenUrl, 'tokenUrl', context);
  return { server, metadata };
}

const oauthFailed = (detail: string, cause?: unknown) => problem('oauth_failed', detail, { cause });
const noMetadata = (cause?: unknown) =>
  oauthFailed('The metadata of the authorization server could not be loaded.', cause);

/**
 * The metadata of an issuer, from the first of its well-known URLs that has some. The well-known path of OAuth comes before the issuer's
 * path; that of OpenID Connect comes before it, then after it.
 */
export async function issuerMetadata(issuer: string, context: EgressContext): Promise<Metadata> {
  await mustBeAllowed(issuer, 'issuer', context);
  const url = new URL(issuer);
  const insertedUrl = new URL(OIDC_PATH + url.pathname.replace(/\/$/, ''), url.origin);
  const requests = [
    (options: object) => discoveryRequest(url, { ...options, algorithm: 'oauth2' }),
    ...(url.pathname === '/' ? [] : [() => getResponse(insertedUrl.href, context)]),
    (options: object) => discoveryRequest(url, { ...options, algorithm: 'oidc' }),
  ];
  const options = await fetchOptionsFor(context, issuer, true);
  let failure: unknown;
  for (const ask of requests) {
    try {
      return await readMetadata(await fetchMetadata(() => ask(options)), url);
    } catch (error) {
      if ((error as { code?: string }).code !== 'oauth_failed') throw error;
      // A URL that did not answer matters more than one without metadata.
      if (failure === undefined || isTemporaryError(error)) failure = error;
    }
  }
  throw failure;
}

/** The metadata at a well-known URL, with the issuer that follows from the URL. */
async function documentMetadata(documentUrl: string, context: EgressContext): Promise<Metadata> {
  await mustBeAllowed(documentUrl, 'openIdConnectUrl', context);
  const response = await fetchMetadata(() => getResponse(documentUrl, context));
  const { pathname, origin } = new URL(documentUrl);
  if (!pathname.endsWith(OIDC_PATH)) throw noMetadata();
  return readMetadata(response, new URL(origin + pathname.slice(0, -OIDC_PATH.length)));
}

async function getResponse(url: string, context: EgressContext): Promise<Response> {
  const response = await readUrl(url, context);
  return new Response(response.body, { status: response.status, headers: response.headers });
}

async function fetchMetadata(ask: () => Promise<Response>): Promise<Response> {
  try {
    const response = await ask();
    checkAnswered(response.status);
    return response;
  } catch (cause) {
    if (!(cause instanceof EgressError) || cause.code !== 'url_not_allowed') throw noMetadata(cause);
    throw urlNotAllowed(cause, undefined, 'The metadata of the authorization server may not be called.');
  }
}

/** Metadata that name the expected issuer: otherwise tokens of one server could pass for those of another. */
async function readMetadata(response: Response, issuer: URL): Promise<Metadata> {
  const metadata = await processDiscoveryResponse(issuer, response).catch((cause) => {
    if (cause.code !== 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED') throw noMetadata(cause);
    throw problem('oauth_issuer_mismatch', 'The metadata names another issuer than the requested one.', { cause });
  });
  const isLong = ([key, value]: [string, unknown]) => /_(?:endpoint|uri)$/.test(key) && `${value}`.length > MAX_URL;
  const [key] = Object.entries(metadata).find(isLong) ?? [];
  if (key === undefined) return metadata;
  throw oauthFailed(`\`${key.slice(0, 100)}\` of the authorization server has more than ${MAX_URL} characters.`);
}

type Endpoints = ServerHints & { authorizationUrl: string; tokenUrl: string };

async function serverAtEndpoints(hints: Endpoints, context: EgressContext): Promise<AuthorizationServer> {
  const { authorizationUrl, tokenUrl, revocationUrl } = hints;
  await mustBeAllowed(authorizationUrl, 'authorizationUrl', context);
  await mustBeAllowed(tokenUrl, 'tokenUrl', context);
  const configured = { authorizationUrl, tokenUrl, ...(revocationUrl !== undefined && { revocationUrl }) };
  if (variablesIn(authorizationUrl + tokenUrl).length > 0) return configured;
  const metadata = await issuerMetadata(new URL(authorizationUrl).origin, context).catch(() => undefined);
  const isSame =
    metadata?.token_endpoint === tokenUrl && metadata.authorization_endpoint === authorizationUrl.split(/[?#]/, 1)[0];
  return isSame ? serverFrom(metadata, hints) : configured;
}
