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
  .meta({ id: 'RefreshIntegration', description: 'Where the newer document is.' });

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
      success: 'The integration, with its changed tools and what must be confirmed.',
      description:
        'Reads the OpenAPI document again, or takes the one that is sent; asks an MCP server for its tools again. Tools that are new or changed are disabled and need review, until they are chosen by PUT …/tools; runs whose plans use them fail at that call. Another base URL has no effect until it is confirmed with `confirmBaseUrl`. The auth stays as it was registered, whatever the document says.',
      bodyLimit: 6 * 1024 * 1024,
    },
  }),
};
