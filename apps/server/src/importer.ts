import type { Importer, TokenPlace } from '@errand/api';
import { type Egress, importOpenApi, type ToolAuth } from '@errand/integrations';

/** Reads OpenAPI documents, through the guarded door to the network. */
export const createImporter = (egress: Egress): Importer => ({
  async read(request) {
    const { auth, oauth2: _, title: __, ...service } = await importOpenApi({ ...request, egress });
    return { ...service, tokenPlace: placeOf(auth) };
  },
});

const placeOf = ({ type, in: place, name, prefix = '' }: ToolAuth): TokenPlace | undefined =>
  type === 'API_TOKEN' && place && name ? { in: place, name, prefix } : undefined;
