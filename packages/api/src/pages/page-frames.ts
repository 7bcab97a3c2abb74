import type { IncomingHttpHeaders } from 'node:http';
import { RecentCache } from '@errand/basics/cache/recent-cache';
import type { BrandRow, Db } from '@errand/db';
import type { PageBrand, PageFrame } from './html/layout.ts';
import { logoPath } from './logo-path.ts';
import { textsFor } from './texts/language.ts';

/** Maximum age of a brand on a page. */
const MAX_AGE_MS = 5000;

/** The brands of workspaces, some seconds old. */
export class PageBrands {
  readonly #cache = new RecentCache<PageBrand | undefined>(MAX_AGE_MS);

  constructor(private readonly db: Pick<Db, 'forWorkspace'>) {}

  /** Undefined without a brand. A page does not need one, so it is also undefined while the database does not answer. */
  async of(workspaceId: string): Promise<PageBrand | undefined> {
    const read = async () => toPageBrand(workspaceId, await this.db.forWorkspace(workspaceId).brand.get());
    try {
      return await this.#cache.get(workspaceId, 'brand', read);
    } catch {
      return undefined;
    }
  }

  forget(workspaceId: string): void {
    this.#cache.forget(workspaceId);
  }
}

function toPageBrand(workspaceId: string, { name, color, logo }: BrandRow): PageBrand | undefined {
  if (name === null && color === null && logo === null) return undefined;
  return {
    ...(name !== null && { name }),
    ...(color !== null && { color }),
    ...(logo && { logo: logoPath(workspaceId, logo.sha256) }),
  };
}

type PageRequest = { headers: IncomingHttpHeaders };

/** The language and the brand of the pages of requests. */
export class PageFrames {
  readonly #workspaces = new WeakMap<object, string>();

  constructor(private readonly brands: PageBrands) {}

  /** Notes the workspace of a request, once its link is known to be valid. */
  belongsTo(request: object, workspaceId: string): void {
    this.#workspaces.set(request, workspaceId);
  }

  async of(request: PageRequest): Promise<PageFrame> {
    const workspaceId = this.#workspaces.get(request);
    const brand = workspaceId === undefined ? undefined : await this.brands.of(workspaceId);
    return { texts: textsFor(request.headers), ...(brand && { brand }) };
  }
}
