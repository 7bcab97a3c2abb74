import type { AuthType, Json } from '@errand/contracts';

/** How to authenticate, without any secret: those are sealed in columns of their own. */
export type PublicAuth = { type: AuthType; [field: string]: Json | undefined };

/** What says where the credentials of an integration are sent. */
export type Target = {
  customerIntegrationId: string;
  baseUrl: string;
  auth: PublicAuth;
  /** How its authorization server is spoken to, as it was found. */
  oauthServer?: Json;
};

/** Its columns. */
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

/** A token is for the origin at which the integration was called when it was given. */
export const tokenDestination = ({ baseUrl }: Target): string => new URL(baseUrl).origin;

/** A consent is for that origin, and for the client and the authorization server at which it was given. */
export const grantDestination = (target: Target): string =>
  JSON.stringify([tokenDestination(target), ...clientOf(target)]);

/** The secret of an integration: that of a client is for its authorization server, any other one is for the origin. */
export const secretDestination = (target: Target): string =>
  target.auth.type === 'OAUTH2' ? JSON.stringify(clientOf(target)) : tokenDestination(target);

/** Whether a consent was given at the authorization server that the integration has now, wherever it is called now. */
export const isOfSameServer = (destination: string, target: Target): boolean =>
  destination.startsWith('[') &&
  JSON.stringify((JSON.parse(destination) as Json[]).slice(1)) === JSON.stringify(clientOf(target));

/** Everything that decides to whom a refresh token or the secret of a client is sent. */
function clientOf({ auth, oauthServer }: Target): Json[] {
  const { issuer = null, tokenUrl = null, revocationUrl = null } = (oauthServer ?? {}) as Record<string, Json>;
  return [issuer, tokenUrl, revocationUrl, auth.clientId ?? null];
}
