import type { Importer, OAuthScheme, TokenLocation } from '@errand/api';
import {
  type Egress,
  ImportQueue,
  importLimits,
  importOpenApi,
  type OAuthHint,
  type ToolAuth,
} from '@errand/integrations';

/** Reads OpenAPI documents through the egress guard. All imports of a process share one queue. */
export function createImporter(egress: Egress): Importer {
  const queue = new ImportQueue(importLimits);
  return {
    read: ({ workspaceId, ...request }, keep) =>
      queue.run(workspaceId, request.signal, async (slot) => {
        const { auth, oauth2, servers: _, ...service } = await importOpenApi({ ...request, egress, slot });
        return keep({ ...service, tokenLocation: locationOf(auth), ...(oauth2 && { oauth: schemeOf(oauth2) }) });
      }),
  };
}

const locationOf = ({ type, in: part, name, prefix = '' }: ToolAuth): TokenLocation | undefined =>
  type === 'API_TOKEN' && part && name ? { in: part, name, prefix } : undefined;

const schemeOf = ({ authorizationUrl, tokenUrl, openIdConnectUrl, scopes }: OAuthHint): OAuthScheme => ({
  ...(authorizationUrl !== undefined && { authorizationUrl }),
  ...(tokenUrl !== undefined && { tokenUrl }),
  ...(openIdConnectUrl !== undefined && { openIdConnectUrl }),
  scopes,
});
