// An entry of the catalogue with its hosts as paths of a server on this machine: https://slack.com/api becomes http://127.0.0.1:4711/slack.com/api.
import type { CatalogEntry, Variable } from '@errand/contracts';

const HOST = /https:\/\/((?:[A-Za-z0-9.-]|\{[A-Za-z_]\w*\})+)/g;
/** Members that are no addresses of calls, though they may look like some. */
const KEPT = new Set(['scopes', 'source', 'notes', 'proven', 'headers', 'description', 'example', 'pattern']);

/** @param origin of the stand-in, which also serves the documents */
export function onLoopback(entry: CatalogEntry, origin: string): CatalogEntry {
  const moved = move(entry, origin) as CatalogEntry;
  return {
    ...moved,
    sources: moved.sources.map((source, index) =>
      source.kind === 'openapi' && source.url !== undefined
        ? { ...source, url: `${origin}/documents/${index}` }
        : source,
    ),
    variables: Object.fromEntries(
      Object.entries(moved.variables).map(([name, variable]) => [name, inPath(variable, origin)]),
    ),
  };
}

function move(value: unknown, origin: string): unknown {
  if (typeof value === 'string') return value.replace(HOST, `${origin}/$1`);
  if (Array.isArray(value)) return value.map((item) => move(item, origin));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, KEPT.has(key) ? member : move(member, origin)]),
  );
}

/** A part of a path cannot be empty; and the origin of an instance is the stand-in itself. */
function inPath({ enum: choices, default: standard, pattern, ...variable }: Variable, origin: string): Variable {
  const chosen = choices?.filter((choice) => choice !== '');
  return {
    ...variable,
    ...(chosen && { enum: chosen }),
    ...(standard !== undefined && { default: standard === '' ? chosen?.[0] : standard }),
    ...(pattern !== undefined && { pattern: pattern.startsWith('^https://') ? `^${origin}$` : pattern }),
  };
}
