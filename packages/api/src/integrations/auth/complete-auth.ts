import { type Auth, type Json, Secret, variablesIn } from '@errand/contracts';
import { type Connection, grantDestination, type PublicAuth } from '@errand/db';
import type { Connector } from '@errand/ports/credentials';
import type { ImportedService } from '@errand/ports/importer';
import type { OAuthScheme, TokenLocation } from '@errand/ports/service-auth';
import { invalidField } from '../../problems.ts';
import { basicSecret } from './user-credential.ts';

/** The stored authentication; its secret has its own column. */
export type CompletedAuth = {
  auth: PublicAuth;
  /** Undefined keeps the stored token; null erases it. */
  token: Secret | null | undefined;
  oauthServer?: Json;
};

/** The schemes of the document at registration. */
export const storedSchemes = ({ auth }: Connection): Pick<ImportedService, 'tokenLocation' | 'oauth'> => ({
  tokenLocation: auth.scheme as TokenLocation | undefined,
  oauth: auth.oauthScheme as OAuthScheme | undefined,
});

/**
 * Completes the auth of the owner with the schemes of the document and with discovery.
 * @throws ProblemError validation_failed, url_not_allowed, oauth_failed, oauth_issuer_mismatch
 */
export async function completeAuth(
  connector: Connector,
  auth: Auth,
  { workspaceId, tokenLocation, oauth }: { workspaceId: string } & Pick<ImportedService, 'tokenLocation' | 'oauth'>,
): Promise<CompletedAuth> {
  const schemes = { ...(tokenLocation && { scheme: tokenLocation }), ...(oauth && { oauthScheme: oauth }) };
  switch (auth.type) {
    case 'NONE':
      return { auth: { ...withoutSecret(auth, tokenLocation), ...schemes }, token: null };
    case 'API_TOKEN':
      return { auth: { ...withoutSecret(auth, tokenLocation), ...schemes }, token: secretOf(auth.token) };
    case 'OAUTH2':
      return completeOAuth(connector, auth, { workspaceId, oauth, schemes });
    case 'BASIC':
      return { auth: { ...basicFields(auth), ...schemes }, token: basicSecretOf(auth) };
    case 'CLIENT_CREDENTIALS':
      return completeClient(connector, auth, { workspaceId, oauth, schemes });
    case 'AWS_ASSUME_ROLE': {
      const { secretAccessKey, ...rest } = auth;
      return { auth: { ...rest, ...schemes }, token: new Secret(secretAccessKey) };
    }
    case 'GOOGLE_SERVICE_ACCOUNT_OAUTH': {
      const { serviceAccountKey, ...rest } = auth;
      const token = new Secret(serviceAccountKey);
      const message = await connector.faultOfKeyFile(token);
      if (message !== undefined) throw invalidField('/auth/serviceAccountKey', message);
      return { auth: { ...rest, ...schemes }, token };
    }
  }
}

type AuthOf<Type> = Extract<Auth, { type: Type }>;
/** The scheme of the document, and the schemes to store. */
type Schemes = {
  workspaceId: string;
  oauth: ImportedService['oauth'];
  schemes: { scheme?: TokenLocation; oauthScheme?: OAuthScheme };
};

async function completeOAuth(
  connector: Connector,
  auth: AuthOf<'OAUTH2'>,
  { workspaceId, oauth, schemes }: Schemes,
): Promise<CompletedAuth> {
  if (auth.clientId === undefined)
    throw invalidField('/auth/clientId', 'Send the clientId that you registered at the authorization server.');
  const { clientSecret, issuer, authorizationUrl, tokenUrl, revocationUrl, scopes, ...rest } = auth;
  const urls = { issuer, authorizationUrl, tokenUrl, revocationUrl };
  const isComplete = issuer !== undefined || (authorizationUrl !== undefined && tokenUrl !== undefined);
  const hints = isComplete ? urls : { ...schemeUrls(oauth), ...withoutUndefined(urls) };
  const usesPkce = auth.pkce === 'off' ? { usesPkce: false } : {};
  const oauthServer = await connector.discover(workspaceId, { ...withoutUndefined(hints), ...usesPkce });
  const token = auth.clientAuthentication === 'none' ? null : secretOf(clientSecret);
  const fields = { ...rest, ...urlTemplates(urls), scopes: scopes ?? oauth?.scopes ?? [] };
  return { auth: { ...withoutUndefined(fields), ...schemes }, token, oauthServer };
}

async function completeClient(
  connector: Connector,
  auth: AuthOf<'CLIENT_CREDENTIALS'>,
  { workspaceId, oauth, schemes }: Schemes,
): Promise<CompletedAuth> {
  const { clientSecret, issuer, tokenUrl, ...rest } = auth;
  const hints = issuer === undefined ? { tokenUrl: tokenUrl ?? oauth?.tokenUrl } : { issuer, tokenUrl };
  const oauthServer = await connector.discoverTokens(workspaceId, withoutUndefined(hints));
  const fields = { ...rest, ...urlTemplates({ tokenUrl }) };
  return { auth: { ...withoutUndefined(fields), ...schemes }, token: new Secret(clientSecret), oauthServer };
}

const basicFields = ({ user: _, password: __, ...fields }: AuthOf<'BASIC'>) => withoutUndefined(fields);

/** @throws ProblemError validation_failed for one without the other */
function basicSecretOf({ user, password }: AuthOf<'BASIC'>): Secret | undefined {
  if ((user === undefined) !== (password === undefined))
    throw invalidField('/auth', 'Send user and password, or neither: then each user has their own.');
  return user === undefined || password === undefined ? undefined : basicSecret(user, password);
}

/** Whether stored grants became useless, because the client or the authorization server changed. */
export const invalidatesGrants = (before: Connection, { auth, oauthServer }: CompletedAuth): boolean =>
  before.auth.type === 'OAUTH2' && grantDestination(before) !== grantDestination({ ...before, auth, oauthServer });

const secretOf = (text: string | undefined): Secret | undefined => (text === undefined ? undefined : new Secret(text));

/** The URLs with variables, which are checked when variables or their values change. */
const urlTemplates = (urls: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(urls).filter((entry): entry is [string, string] => variablesIn(entry[1] ?? '').length > 0),
  );

const schemeUrls = ({ authorizationUrl, tokenUrl, openIdConnectUrl }: Partial<OAuthScheme> = {}) =>
  withoutUndefined({ authorizationUrl, tokenUrl, openIdConnectUrl });

export const withoutUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;

type PlainAuth = Extract<Auth, { type: 'NONE' | 'API_TOKEN' }>;

/**
 * The authentication without its secret. The document fills in the fields that the caller omits; the last default is a bearer token.
 * The scheme of the document is stored too, for later changes.
 * @throws ProblemError validation_failed if neither the caller nor the document names the query parameter
 */
export function withoutSecret(auth: PlainAuth, scheme: TokenLocation | undefined): PublicAuth {
  const storedScheme = scheme && { scheme };
  if (auth.type === 'NONE') return { type: 'NONE', ...storedScheme };
  const location = auth.in ?? (auth.name === undefined ? scheme?.in : undefined) ?? 'header';
  const name =
    auth.name ?? (scheme?.in === location ? scheme.name : undefined) ?? (location === 'header' ? 'Authorization' : '');
  if (name === '')
    throw invalidField('/auth/name', 'The document does not name the query parameter for the token. Send its name.');
  return {
    type: 'API_TOKEN',
    in: location,
    name,
    prefix: auth.prefix ?? prefixOf(location, name, scheme),
    ...storedScheme,
  };
}

function prefixOf(location: string, name: string, scheme: TokenLocation | undefined): string {
  const isSame = scheme?.in === location && scheme.name.toLowerCase() === name.toLowerCase();
  if (isSame) return scheme.prefix;
  return location === 'header' && name.toLowerCase() === 'authorization' ? 'Bearer ' : '';
}
