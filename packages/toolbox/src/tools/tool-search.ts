import { problem, type ToolSource } from '@errand/contracts';
import type { Toolbox, ToolSearch } from '@errand/ports/toolbox';

type Hit = { name: string; score: number };
type Search = (request: { tools: ToolSource; text: string; limit: number; signal: AbortSignal }) => Promise<Hit[]>;

const MAX_DESCRIPTION = 1000;

/** Searches the tools of a workspace. @param search ranks tools, off the event loop */
export const createToolSearch =
  (toolbox: Pick<Toolbox, 'catalog'>, search: Search): ToolSearch =>
  async ({ workspaceId, text, selection, limit, signal }) => {
    const catalog = await toolbox.catalog(workspaceId, selection);
    const [inactive] = catalog.inactive ?? [];
    if (inactive)
      throw problem('connection_inactive', `${inactive.name} is inactive.`, {
        values: { customerIntegrationIds: [inactive.customerIntegrationId] },
      });
    const hits = await search({ tools: catalog, text, limit, signal });
    const scores = new Map(hits.map(({ name, score }) => [name, score]));
    const hitTools = await catalog.named([...scores.keys()]);
    return hitTools.map(({ name, integrationName, title, description, effect }) => ({
      tool: name,
      integrationName,
      ...(title !== undefined && { title }),
      description: description.slice(0, MAX_DESCRIPTION).toWellFormed(),
      effect,
      score: Math.round(scores.get(name)! * 100) / 100,
    }));
  };
