import { fittingName } from '@errand/basics/operation-name';
import type { Json, PageRules, Rules } from '@errand/contracts';
import { cleanJson } from './clean.ts';
import { valueAt } from './value-at.ts';

const MAX_LINK_CHARS = 4_096;
const ANY_BASE = 'http://service.invalid';

type Parameters = { [parameter: string]: string };

/** The rules for the pages of an operation: its own, else those for all others. */
export function pageRulesOf(pages: Rules['pages'], operation: string): PageRules | undefined {
  if (!pages) return undefined;
  if (Object.hasOwn(pages, operation)) return pages[operation];
  const named = Object.keys(pages).find((name) => name !== '*' && fittingName(name) === operation);
  return pages[named ?? '*'];
}

/** The query parameters of the next page in a Link header (RFC 8288). The address itself is never called. */
export function linkInHeader(header: string | undefined, secretForms: readonly string[]): Parameters | undefined {
  if (header === undefined || header.length > MAX_LINK_CHARS) return undefined;
  for (const [, address = '', parameters = ''] of header.matchAll(/<([^<>]*)>([^<]*)/g)) {
    const [, relations = ''] = /;\s*rel\s*=\s*("[^"]*"|[^\s;,"]+)/i.exec(parameters) ?? [];
    if (/\bnext\b/i.test(relations)) return queryOf(address, secretForms);
  }
  return undefined;
}

/** The query parameters of the URL of the next page in the body, if it has any. The URL itself is never called. */
export function linkInBody(
  body: Json,
  linkIn: string | undefined,
  secretForms: readonly string[],
): Parameters | undefined {
  const address = linkIn === undefined ? undefined : valueAt(body, linkIn);
  if (typeof address !== 'string' || address === '' || address.length > MAX_LINK_CHARS) return undefined;
  const query = queryOf(address, secretForms);
  return query && Object.keys(query).length > 0 ? query : undefined;
}

function queryOf(address: string, secretForms: readonly string[]): Parameters | undefined {
  if (!URL.canParse(address, ANY_BASE)) return undefined;
  const { searchParams } = new URL(address, ANY_BASE);
  return cleanJson(Object.fromEntries(searchParams), secretForms) as Parameters;
}
