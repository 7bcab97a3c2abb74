import { ImportQueue, importLimits, importOpenApi, type ToolAuth } from '@errand/integrations';
import type { Importer } from '@errand/ports/importer';
import type { TokenLocation } from '@errand/ports/service-auth';
import { importMcp, type McpDeps } from './mcp-importer.ts';

/** Reads OpenAPI documents and the tools of MCP servers. All imports of a process share one queue. */
export function createImporter(deps: McpDeps): Importer {
  const { egress } = deps;
  const queue = new ImportQueue(importLimits);
  return {
    read: ({ workspaceId, ...request }, keep) =>
      queue.run(workspaceId, request.signal, async (slot) => {
        const { mcp, ...document } = request;
        if (mcp) return keep(await importMcp(deps, { workspaceId, ...document, mcp }));
        const { auth, oauth2, servers: _, ...service } = await importOpenApi({ ...document, egress, slot });
        return keep({ ...service, tokenLocation: locationOf(auth), oauth: oauth2 });
      }),
  };
}

const locationOf = ({ type, in: part, name, prefix = '' }: ToolAuth): TokenLocation | undefined =>
  type === 'API_TOKEN' && part && name ? { in: part, name, prefix } : undefined;
