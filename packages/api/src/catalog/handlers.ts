import { type CatalogEntry, problem } from '@errand/contracts';
import type { Catalog } from '@errand/ports/catalog';
import type { ContractHandlers } from '../context.ts';
import { invalidCursor } from '../lists/list-pages.ts';
import { toDetail, toService } from './to-service.ts';

/** Services that an owner connects by their name. The same for all workspaces. */
export const catalog: ContractHandlers['catalog'] = {
  list: async ({ input: { search = '', ...page }, ctx }) => {
    const entries = await ctx.deps.catalog.search(search);
    const list = { name: 'catalog.list', ownerId: ctx.principal.workspaceId, filters: { search } };
    const { rows, nextCursor } = await ctx.deps.lists.read(list, page, {
      read: async (after: string | undefined, limit) => {
        const last = after === undefined ? -1 : entries.findIndex(({ id }) => id === after);
        // An upgrade may have removed the entry.
        if (after !== undefined && last === -1) throw invalidCursor('The service of the cursor is gone.');
        return entries.slice(last + 1, last + 1 + limit);
      },
      positionOf: ({ id }) => id,
    });
    return { services: rows.map(toService), ...(nextCursor !== undefined && { nextCursor }) };
  },
  get: async ({ input, ctx }) => toDetail(await entryOf(ctx.deps.catalog, input.catalog)),
};

/** @throws ProblemError not_found, with similar ids */
export async function entryOf(catalog: Catalog, id: string): Promise<CatalogEntry> {
  const entry = await catalog.get(id);
  if (entry) return entry;
  const similar = await catalog.similarIds(id);
  const suggestion = similar.length > 0 ? `Did you mean ${similar.join(' or ')}? ` : '';
  throw problem('not_found', `The catalogue has no service ${JSON.stringify(id)}.`, {
    remedy: `${suggestion}GET /v1/catalog lists the services. Register others by the URL of their document.`,
    errors: [{ pointer: '/catalog', message: 'Unknown service.' }],
  });
}
