import type { Importer, OAuthScheme, TokenPlace } from '@errand/api';
import {
  type Egress,
  ImportLine,
  importLimits,
  importOpenApi,
  type OAuthHint,
  type ToolAuth,
} from '@errand/integrations';

/** Reads OpenAPI documents, through the guarded door to the network; all imports of a process wait in one line. */
export function createImporter(egress: Egress): Importer {
  const line = new ImportLine(importLimits);
  return {
    read: ({ workspaceId, ...request }, keep) =>
      line.enter(workspaceId, request.signal, async (place) => {
        const { auth, oauth2, servers: _, ...service } = await importOpenApi({ ...request, egress, place });
        return keep({ ...service, tokenPlace: placeOf(auth), ...(oauth2 && { oauth: schemeOf(oauth2) }) });
      }),
  };
}

const placeOf = ({ type, in: place, name, prefix = '' }: ToolAuth): TokenPlace | undefined =>
  type === 'API_TOKEN' && place && name ? { in: place, name, prefix } : undefined;

const schemeOf = ({ authorizationUrl, tokenUrl, openIdConnectUrl, scopes }: OAuthHint): OAuthScheme => ({
  ...(authorizationUrl !== undefined && { authorizationUrl }),
  ...(tokenUrl !== undefined && { tokenUrl }),
  ...(openIdConnectUrl !== undefined && { openIdConnectUrl }),
  scopes,
});
