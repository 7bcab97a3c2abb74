// Facts that follow from an entry of the catalogue.
import type { CatalogEntry, CatalogWay } from './catalog.ts';

type Source = CatalogEntry['sources'][number];
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

/** The operations of an own document of the catalogue. */
function ownOperations(document: Readonly<Record<string, unknown>>): string[] {
  const paths = (document.paths ?? {}) as Record<string, Record<string, { operationId?: string }>>;
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [operation.operationId ?? `${method.toUpperCase()} ${path}`] : [];
    }),
  );
}

/** The operations that a source picks, or that its own document has. */
export function pickedOperations(source: Source): string[] {
  if (source.kind === 'mcp') return [];
  return source.pick?.operations ?? (source.document ? ownOperations(source.document) : []);
}

export type CatalogKind = Source['kind'];

/** The protocols of an entry. openapi is the default. */
export const kindsOf = ({ sources }: CatalogEntry): CatalogKind[] =>
  (['openapi', 'mcp'] as const).filter((kind) => sources.some((source) => source.kind === kind));

/** The ways to authenticate at a protocol of an entry. */
export function waysOf({ auth, sources }: CatalogEntry, kind: CatalogKind): CatalogWay[] {
  if (kind === 'openapi') return auth;
  const server = sources.find((source) => source.kind === 'mcp');
  return server?.auth ?? [{ type: server?.registration === 'none' ? 'NONE' : 'OAUTH2' }];
}

/** The operations of enable recommended. */
export const recommendedOperations = ({ tools, sources }: CatalogEntry): string[] =>
  tools.recommended ?? sources.flatMap(pickedOperations);

/** Every text of an entry in which `{name}` stands for a variable. */
export function entryTexts(entry: CatalogEntry): string[] {
  const ways = kindsOf(entry).flatMap((kind) => waysOf(entry, kind));
  const { baseUrl, headers = {}, query = {}, arguments: fixed = {} } = entry;
  const lookUps = Object.values(entry.variables).flatMap(({ request }) => (request ? [request.url] : []));
  const addresses = entry.sources.flatMap(({ url }) => (url === undefined ? [] : [url]));
  return textsIn([baseUrl, headers, query, fixed, lookUps, addresses, ways.map(templatesOf)]);
}

/** The members of a way that may have variables. */
function templatesOf(way: CatalogWay): unknown[] {
  const { baseUrl } = way;
  if (way.type === 'OAUTH2') {
    const { authorizationUrl, tokenUrl, revocationUrl, tokenRequest, exchange } = way;
    return [baseUrl, authorizationUrl, tokenUrl, revocationUrl, tokenRequest, exchange?.url];
  }
  return way.type === 'CLIENT_CREDENTIALS' ? [baseUrl, way.tokenUrl, way.tokenRequest] : [baseUrl];
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
