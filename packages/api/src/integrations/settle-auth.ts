import { type Auth, type Json, Secret } from '@errand/contracts';
import { type Connection, grantDestination, type PublicAuth } from '@errand/db';
import type { Connector } from '@errand/ports/credentials';
import type { ImportedService } from '@errand/ports/importer';
import type { OAuthScheme } from '@errand/ports/service-auth';
import { invalidField } from '../problems.ts';
import { publicAuth, schemeOf } from './public-auth.ts';

/** The stored authentication; its secret has its own column. */
export type SettledAuth = {
  auth: PublicAuth;
  /** Undefined keeps the stored token; null erases it. */
  token: Secret | null | undefined;
  oauthServer?: Json;
};

/** The schemes of the document at registration. */
export const schemesOf = ({ auth }: Connection): Pick<ImportedService, 'tokenLocation' | 'oauth'> => ({
  tokenLocation: schemeOf(auth),
  oauth: auth.oauthScheme as OAuthScheme | undefined,
});

/**
 * Completes the auth of the owner with the schemes of the document and with discovery.
 * @throws ProblemError validation_failed, url_not_allowed, oauth_failed, oauth_issuer_mismatch
 */
export async function settleAuth(
  connector: Connector,
  auth: Auth,
  { tokenLocation, oauth }: Pick<ImportedService, 'tokenLocation' | 'oauth'>,
): Promise<SettledAuth> {
  const schemes = { ...(tokenLocation && { scheme: tokenLocation }), ...(oauth && { oauthScheme: oauth }) };
  switch (auth.type) {
    case 'NONE':
      return { auth: { ...publicAuth(auth, tokenLocation), ...schemes }, token: null };
    case 'API_TOKEN':
      return { auth: { ...publicAuth(auth, tokenLocation), ...schemes }, token: secretOf(auth.token) };
    case 'OAUTH2': {
      if (auth.clientId === undefined)
        throw invalidField('/auth/clientId', 'Send the clientId that you registered at the authorization server.');
      const { clientSecret, issuer, authorizationUrl, tokenUrl, revocationUrl, scopes, ...rest } = auth;
      const urls = { issuer, authorizationUrl, tokenUrl, revocationUrl };
      const complete = issuer !== undefined || (authorizationUrl !== undefined && tokenUrl !== undefined);
      const hints = complete ? urls : { ...urlsOf(oauth), ...set(urls) };
      const oauthServer = await connector.discover(set(hints));
      const token = auth.clientAuthentication === 'none' ? null : secretOf(clientSecret);
      return { auth: { ...rest, scopes: scopes ?? oauth?.scopes ?? [], ...schemes }, token, oauthServer };
    }
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

/** Whether stored grants became useless, because the client or the authorization server changed. */
export const forgetsGrants = (before: Connection, { auth, oauthServer }: SettledAuth): boolean =>
  before.auth.type === 'OAUTH2' && grantDestination(before) !== grantDestination({ ...before, auth, oauthServer });

const secretOf = (text: string | undefined): Secret | undefined => (text === undefined ? undefined : new Secret(text));

const urlsOf = ({ authorizationUrl, tokenUrl, openIdConnectUrl }: Partial<OAuthScheme> = {}) =>
  set({ authorizationUrl, tokenUrl, openIdConnectUrl });

const set = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
