import { type contract, problem } from '@errand/contracts';
import type { NewerSource } from '@errand/db';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';
import { textOf } from './source.ts';

/** Reads the document of a service again. How to authenticate stays as the owner said; what else changed waits for them. */
export const refreshIntegration: Handler<typeof contract.integrations.refresh> = async ({ input, ctx, signal }) => {
  const { customerIntegrationId } = input;
  const document = textOf(input.document);
  const connection = found(await ctx.workspaceDb.integrations.connection(customerIntegrationId), 'integration');
  const { name, sourceUrl: url } = connection;
  if (document === undefined && url === undefined) {
    const message = 'The integration was registered with a document, so give the newer one.';
    throw problem('validation_failed', message, { errors: [{ pointer: '/document', message }] });
  }
  const { workspaceId } = ctx.principal;
  const refreshed = await ctx.deps.importer.read(
    { workspaceId, customerIntegrationId, name, url, document, signal },
    ({ baseUrl, description, logoUrl, tools, warnings }) => {
      const newer: NewerSource = { baseUrl, description, logoUrl, tools, warnings, document };
      return ctx.workspaceDb.integrations.refresh(customerIntegrationId, newer, connection.registrationId);
    },
  );
  ctx.deps.accessChanged(workspaceId);
  return found(refreshed, 'integration');
};
