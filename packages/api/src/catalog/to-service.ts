import {
  type CatalogEntry,
  type CatalogKind,
  type CatalogService,
  type CatalogServiceDetail,
  type CatalogWay,
  kindsOf,
  recommendedOperations,
  waysOf,
} from '@errand/contracts';
import { needsOf } from './choose-way.ts';

export function toService(entry: CatalogEntry): CatalogService {
  const kinds = kindsOf(entry);
  return {
    catalog: entry.id,
    version: entry.version,
    name: entry.name,
    category: entry.category,
    description: entry.description,
    kinds,
    auth: kinds.flatMap((kind) => waysOf(entry, kind).map((way) => toWay(entry, kind, way))),
    variables: Object.entries(entry.variables).map(([name, { value: _, request: __, ...variable }]) => ({
      name,
      ...variable,
    })),
    recommendedCount: recommendedOperations(entry).length,
    checkedAt: entry.checked,
  };
}

export function toDetail(entry: CatalogEntry): CatalogServiceDetail {
  const { sources, baseUrl, rules, unverified, source, notes } = entry;
  const mcpUrl = sources.find(({ kind }) => kind === 'mcp')?.url;
  return {
    ...toService(entry),
    ...(baseUrl !== undefined && { baseUrl }),
    documents: sources.flatMap(({ kind, url }) => (kind === 'openapi' && url !== undefined ? [url] : [])),
    ...(mcpUrl !== undefined && { mcpUrl }),
    recommended: recommendedOperations(entry),
    ...(rules && { rules }),
    unverified,
    sources: source,
    notes,
  };
}

const toWay = (entry: CatalogEntry, kind: CatalogKind, way: CatalogWay) => ({
  kind,
  type: way.type,
  ...(way.title !== undefined && { title: way.title }),
  fields: fieldsOf(needsOf(entry, kind, way), way),
  ...(way.scopes && { scopes: way.scopes }),
});

/** The fields to send. A server that registers clients needs none. */
const fieldsOf = ({ takes, requires }: ReturnType<typeof needsOf>, { type }: CatalogWay): string[] =>
  type === 'OAUTH2' && requires.length === 0 ? [] : [...takes];
