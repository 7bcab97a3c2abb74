import type { AuthType, Json } from '@errand/contracts';

/** How to authenticate, without secrets, which are sealed in separate columns. */
export type PublicAuth = { type: AuthType; [field: string]: Json | undefined };

/** The fields that determine where the credentials of an integration are sent. */
export type Target = {
  customerIntegrationId: string;
  baseUrl: string;
  auth: PublicAuth;
  /** The endpoints and capabilities of its authorization server. */
  oauthServer?: Json;
};

/** The columns of these fields. */
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

/** A token is for the origin that the integration had when it was stored. */
export const tokenDestination = ({ baseUrl }: Target): string => new URL(baseUrl).origin;

/** A consent is for that origin, and for its client and authorization server. */
export const grantDestination = (target: Target): string =>
  JSON.stringify([tokenDestination(target), ...clientOf(target)]);

/** The destination of an integration's own secret: a client secret is for the authorization server, any other for the origin. */
export const secretDestination = (target: Target): string =>
  target.auth.type === 'OAUTH2' ? JSON.stringify(clientOf(target)) : tokenDestination(target);

/** Whether a consent is for the authorization server that the integration has now, at any origin. */
export const isOfSameServer = (destination: string, target: Target): boolean =>
  destination.startsWith('[') &&
  JSON.stringify((JSON.parse(destination) as Json[]).slice(1)) === JSON.stringify(clientOf(target));

/** The fields that determine where a refresh token or a client secret is sent. The owner names the client, or it registered itself. */
function clientOf({ auth, oauthServer }: Target): Json[] {
  const { issuer = null, tokenUrl = null, revocationUrl = null, client } = (oauthServer ?? {}) as Record<string, Json>;
  const { clientId = null } = (client ?? {}) as Record<string, Json>;
  return [issuer, tokenUrl, revocationUrl, auth.clientId ?? clientId];
}
