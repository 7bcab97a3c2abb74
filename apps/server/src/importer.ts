import type { Importer, OAuthScheme, TokenPlace } from '@errand/api';
import { type Egress, importOpenApi, type OAuthHint, type ToolAuth } from '@errand/integrations';

/** Reads OpenAPI documents, through the guarded door to the network. */
export const createImporter = (egress: Egress): Importer => ({
  async read(request) {
    const { auth, oauth2, title: _, ...service } = await importOpenApi({ ...request, egress });
    return { ...service, tokenPlace: placeOf(auth), ...(oauth2 && { oauth: schemeOf(oauth2) }) };
  },
});

const placeOf = ({ type, in: place, name, prefix = '' }: ToolAuth): TokenPlace | undefined =>
  type === 'API_TOKEN' && place && name ? { in: place, name, prefix } : undefined;

const schemeOf = ({ authorizationUrl, tokenUrl, openIdConnectUrl, scopes }: OAuthHint): OAuthScheme => ({
  ...(authorizationUrl !== undefined && { authorizationUrl }),
  ...(tokenUrl !== undefined && { tokenUrl }),
  ...(openIdConnectUrl !== undefined && { openIdConnectUrl }),
  scopes,
});
