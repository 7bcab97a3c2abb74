import type { AuthType, Json } from '@errand/contracts';

/** Authentication settings without secrets, which are sealed in separate columns. */
export type PublicAuth = { type: AuthType; [field: string]: Json | undefined };

/** The fields that determine the destination of credentials. */
export type Target = {
  customerIntegrationId: string;
  baseUrl: string;
  auth: PublicAuth;
  oauthServer?: Json;
};

export const targetSelect = { customerIntegrationId: true, baseUrl: true, auth: true, oauthServer: true } as const;

export const toTarget = (row: {
  customerIntegrationId: string;
  baseUrl: string;
  auth: unknown;
  oauthServer: unknown;
}): Target => ({
  customerIntegrationId: row.customerIntegrationId,
  baseUrl: row.baseUrl,
  auth: row.auth as PublicAuth,
  ...(row.oauthServer !== null && { oauthServer: row.oauthServer as Json }),
});

/** A token is bound to the origin of the integration at the time of storing. */
export const tokenDestination = ({ baseUrl }: Target): string => new URL(baseUrl).origin;

/** A consent is bound to the origin, the client and the authorization server. */
export const grantDestination = (target: Target): string =>
  JSON.stringify([tokenDestination(target), ...oauthClientOf(target)]);

/** A client secret is bound to the authorization server, any other secret of an integration to the origin. */
export const secretDestination = (target: Target): string =>
  target.auth.type === 'OAUTH2' ? JSON.stringify(oauthClientOf(target)) : tokenDestination(target);

/** Whether a consent belongs to the current authorization server, at any origin. */
export const isOfSameServer = (destination: string, target: Target): boolean =>
  destination.startsWith('[') &&
  JSON.stringify((JSON.parse(destination) as Json[]).slice(1)) === JSON.stringify(oauthClientOf(target));

/** The fields that determine the destination of a refresh token or client secret. The client may have registered itself. */
function oauthClientOf({ auth, oauthServer }: Target): Json[] {
  const { issuer = null, tokenUrl = null, revocationUrl = null, client } = (oauthServer ?? {}) as Record<string, Json>;
  const { clientId = null } = (client ?? {}) as Record<string, Json>;
  return [issuer, tokenUrl, revocationUrl, auth.clientId ?? clientId];
}
