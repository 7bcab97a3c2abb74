import type { TokenPort } from './token-port.ts';

/** The audience of access tokens. */
export const resourceOf = (publicUrl: string): string => `${publicUrl}/mcp`;

/** The path of the metadata that names the trusted issuers (RFC 9728). */
export const METADATA_PATH = '/.well-known/oauth-protected-resource/mcp';

/** The challenge to a request without a valid token (RFC 6750), with the URL of the metadata. */
export function challengeOf(publicUrl: string, fields: { error?: string; scope?: string } = {}): string {
  const challengeFields = { realm: 'errand', ...fields, resource_metadata: `${publicUrl}${METADATA_PATH}` };
  return `Bearer ${Object.entries(challengeFields)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}`;
}

export const resourceMetadata = (publicUrl: string, { issuers }: Pick<TokenPort, 'issuers'>) => ({
  resource: resourceOf(publicUrl),
  resource_name: 'Errand',
  authorization_servers: issuers.map(({ issuer }) => issuer),
  scopes_supported: [...new Set(issuers.flatMap(({ scopes }) => scopes))],
  bearer_methods_supported: ['header'],
});
