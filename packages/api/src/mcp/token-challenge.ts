import type { TokenPort } from './token-port.ts';

/** What access tokens are for: their audience. */
export const resourceOf = (publicUrl: string): string => `${publicUrl}/mcp`;

/** Where a client reads which issuers give out such tokens (RFC 9728). */
export const METADATA_PATH = '/.well-known/oauth-protected-resource/mcp';

/** The challenge of a request without a good token (RFC 6750), which leads a client to the issuers. */
export function challengeOf(publicUrl: string, fields: { error?: string; scope?: string } = {}): string {
  const all = { realm: 'errand', ...fields, resource_metadata: `${publicUrl}${METADATA_PATH}` };
  return `Bearer ${Object.entries(all)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}`;
}

/** The metadata of the resource. */
export const resourceMetadata = (publicUrl: string, { issuers }: Pick<TokenPort, 'issuers'>) => ({
  resource: resourceOf(publicUrl),
  resource_name: 'Errand',
  authorization_servers: issuers.map(({ issuer }) => issuer),
  scopes_supported: [...new Set(issuers.flatMap(({ scopes }) => scopes))],
  bearer_methods_supported: ['header'],
});
