import {
  type CatalogEntry,
  type CatalogKind,
  type CatalogService,
  type CatalogServiceDetail,
  kindsOf,
  recommendedOperations,
  waysOf,
} from '@errand/contracts';

/** The fields of `auth` that an owner sends, by the type of the way. */
const CREDENTIALS = {
  NONE: [],
  API_TOKEN: ['token'],
  BASIC: ['user', 'password'],
  OAUTH2: ['clientId', 'clientSecret'],
  CLIENT_CREDENTIALS: ['clientId', 'clientSecret'],
} as const;

export function toService(entry: CatalogEntry): CatalogService {
  const kinds = kindsOf(entry);
  return {
    catalog: entry.id,
    version: entry.version,
    name: entry.name,
    category: entry.category,
    description: entry.description,
    kinds,
    auth: kinds.flatMap((kind) => waysOf(entry, kind).map((way) => ({ kind, ...toWay(entry, kind, way) }))),
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

function toWay(entry: CatalogEntry, kind: CatalogKind, { type, title, scopes }: CatalogEntry['auth'][number]) {
  const registersItself =
    kind === 'mcp' && entry.sources.some((source) => source.kind === 'mcp' && source.registration === 'dynamic');
  return {
    type,
    ...(title !== undefined && { title }),
    fields: type === 'OAUTH2' && registersItself ? [] : [...CREDENTIALS[type]],
    ...(scopes && { scopes }),
  };
}
