import type { Importer, OAuthScheme, TokenLocation } from '@errand/api';
import {
  type Egress,
  ImportQueue,
  importLimits,
  importOpenApi,
  type OAuthHint,
  type ToolAuth,
} from '@errand/integrations';

/** Reads OpenAPI documents, through the guarded door to the network; all imports of a process wait in one line. */
export function createImporter(egress: Egress): Importer {
  const queue = new ImportQueue(importLimits);
  return {
    read: ({ workspaceId, ...request }, keep) =>
      queue.enter(workspaceId, request.signal, async (slot) => {
        const { auth, oauth2, servers: _, ...service } = await importOpenApi({ ...request, egress, slot: slot });
        return keep({ ...service, tokenLocation: locationOf(auth), ...(oauth2 && { oauth: schemeOf(oauth2) }) });
      }),
  };
}

const locationOf = ({ type, in: slot, name, prefix = '' }: ToolAuth): TokenLocation | undefined =>
  type === 'API_TOKEN' && slot && name ? { in: slot, name, prefix } : undefined;

const schemeOf = ({ authorizationUrl, tokenUrl, openIdConnectUrl, scopes }: OAuthHint): OAuthScheme => ({
  ...(authorizationUrl !== undefined && { authorizationUrl }),
  ...(tokenUrl !== undefined && { tokenUrl }),
  ...(openIdConnectUrl !== undefined && { openIdConnectUrl }),
  scopes,
});
