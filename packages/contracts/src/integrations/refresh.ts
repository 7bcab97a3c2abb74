import { mutation } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes, importCodes } from '../base/error.ts';
import { CustomerIntegrationId } from '../base/ids.ts';
import { Document, Integration } from './integration.ts';

const RefreshIntegrationInput = z
  .strictObject({
    customerIntegrationId: CustomerIntegrationId,
    document: Document.optional().meta({
      description:
        'The newer OpenAPI document: an object, or its JSON or YAML text. Without it the document is read again from its URL.',
    }),
  })
  .meta({ id: 'RefreshIntegration', description: 'The newer document.' });

/** Updates an integration from its OpenAPI document. */
export const refreshes = {
  refresh: mutation({
    input: RefreshIntegrationInput,
    output: Integration,
    scope: 'connections:write',
    errors: codes('validation_failed', 'not_found', ...importCodes),
    http: {
      method: 'POST',
      path: '/v1/integrations/{customerIntegrationId}/refresh',
      tag: 'Integrations',
      summary: 'Refresh an integration',
      success: 'The integration with its changed tools and pending confirmations.',
      description:
        'Reads the OpenAPI document again, or uses the document in the request; lists the tools of an MCP server again. New and changed tools are disabled until you enable them by PUT …/tools; runs that call them fail. A new base URL takes effect once you confirm it with `confirmBaseUrl`. The auth stays as registered.',
      bodyLimit: 6 * 1024 * 1024,
    },
  }),
};
