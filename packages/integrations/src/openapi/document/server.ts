import { withoutTrailing } from '@errand/basics/text-end';
import { MAX_URL } from '@errand/contracts';
import { type Context, child, invalid, isNode, member, type Node, nodesOf, textOf } from './document.ts';
import { hasMark, isPlaceholderHost, placeholderFault } from './placeholder.ts';

/** Replaces the `{variables}` of a server URL by their defaults. A variable without a usable default stays. */
function expandVariables(template: string, variables: unknown): string {
  return template.replace(/\{([^{}]*)\}/g, (text, name: string) => {
    const variable = isNode(variables) ? member(variables, name) : undefined;
    const choices = isNode(variable) ? member(variable, 'enum') : undefined;
    const defaultValue = isNode(variable) ? member(variable, 'default') : undefined;
    const value = defaultValue ?? (Array.isArray(choices) ? choices[0] : undefined);
    const isAllowed = !Array.isArray(choices) || choices.includes(value);
    return (typeof value === 'string' || typeof value === 'number') && isAllowed ? String(value) : text;
  });
}

/** The servers of a list: absolute http(s) URLs, https first, and the placeholders among them. */
export type Servers = { urls: string[]; placeholders: string[] };

export function serversOf(context: Context, servers: unknown, base: string | undefined, listPointer: string): Servers {
  const placeholders: string[] = [];
  const urls = nodesOf(servers).flatMap((server, index) => {
    const pointer = child(listPointer, index, 'url');
    const { url, reason, placeholder } = serverOf(context, server, base, pointer);
    if (placeholder !== undefined) placeholders.push(placeholder);
    if (url === undefined) context.warn(pointer, `The server was left out: ${reason}.`);
    return url ?? [];
  });
  const ordered = [...urls.filter((url) => url.startsWith('https:')), ...urls.filter((url) => url.startsWith('http:'))];
  return { urls: ordered, placeholders };
}

type ServerResult =
  | { url: string; reason?: undefined; placeholder?: undefined }
  | { url?: undefined; reason: string; placeholder?: string };

function serverOf(context: Context, server: Node, base: string | undefined, pointer: string): ServerResult {
  const template = textOf(member(server, 'url'))?.trim();
  if (template === undefined) return { reason: 'its url must be a text' };
  const url = mustFit(expandVariables(mustFit(template, pointer), member(server, 'variables')), pointer);
  if (hasMark(url)) return { reason: 'a part of its url must be replaced', placeholder: url };
  if (!URL.canParse(url, base)) {
    const relative = base === undefined && !/^[a-z][a-z0-9+.-]*:/i.test(url);
    return { reason: relative ? 'it is relative, and the document was not loaded from a URL' : 'it is not a URL' };
  }
  const parsed = new URL(url, base);
  if (!/^https?:$/.test(parsed.protocol)) return { reason: 'it is not http(s)' };
  if (isPlaceholderHost(parsed.hostname) && !context.allowedOrigins?.includes(parsed.origin))
    return { reason: 'its host is a placeholder', placeholder: template };
  if (parsed.search || parsed.hash) context.warn(pointer, 'Query and fragment of the server url were left out.');
  parsed.search = '';
  parsed.hash = '';
  return { url: mustFit(withoutSlash(parsed.href), pointer) };
}

/** @throws DocumentFault if an address, or a part of one, has more than `MAX_URL` characters */
export function mustFit(address: string, pointer: string): string {
  if (address.length <= MAX_URL) return address;
  throw invalid(pointer, `An address may have at most ${MAX_URL.toLocaleString('en')} characters.`);
}

const withoutSlash = (url: string): string => withoutTrailing(url, '/');

/** The addresses of a service. */
export type Service = {
  /** Where its operations are called, unless they have servers of their own. It may contain variables of the owner. */
  baseUrl: string;
  /** Where the document says that its operations are called, if that is known. */
  ownUrl?: string;
  /** Whether the owner gave `baseUrl`: it also replaces servers at the origin of `ownUrl`. */
  isOwners: boolean;
};

/** @throws DocumentFault if the document has no usable server, and the owner gave none */
export function serviceOf(
  context: Context,
  { baseUrl, documentUrl, integrationUrl }: { baseUrl?: string; documentUrl?: string; integrationUrl?: string },
): Service {
  const { ownUrl, placeholder } = ownServer(context, documentUrl);
  if (baseUrl !== undefined) return { baseUrl: withoutQuery(baseUrl), ownUrl, isOwners: true };
  if (ownUrl !== undefined) return { baseUrl: integrationUrl ?? ownUrl, ownUrl, isOwners: false };
  if (placeholder !== undefined) throw placeholderFault(placeholder);
  throw invalid('/servers', 'No usable server. Set servers with an absolute https url, or load the document by URL.');
}

/** @throws DocumentFault unless it is a URL, apart from variables of the owner */
function withoutQuery(baseUrl: string): string {
  const [url = ''] = baseUrl.split(/[?#]/, 1);
  if (/\{\w+\}/.test(url)) return withoutSlash(url);
  if (!URL.canParse(url)) throw invalid('/baseUrl', 'baseUrl must be an absolute URL.');
  return mustFit(withoutSlash(new URL(url).href), '/baseUrl');
}

/** The server of the document, else that of its first path, else the origin of the document. */
function ownServer(context: Context, documentUrl: string | undefined): { ownUrl?: string; placeholder?: string } {
  const servers = member(context.root, 'servers');
  const { urls, placeholders } = serversOf(context, servers, documentUrl, '/servers');
  if (urls[0] !== undefined) return { ownUrl: urls[0] };
  const ofPath = nodesOf(servers).length === 0 ? serverOfFirstPath(context, documentUrl) : undefined;
  if (ofPath !== undefined) return { ownUrl: ofPath };
  if (placeholders[0] !== undefined) return { placeholder: placeholders[0] };
  if (documentUrl === undefined || nodesOf(servers).length > 0) return {};
  context.warn('/servers', 'The document names no server; its own origin is used.');
  return { ownUrl: new URL(documentUrl).origin };
}

function serverOfFirstPath(context: Context, documentUrl: string | undefined): string | undefined {
  const paths = member(context.root, 'paths');
  for (const [path, item] of Object.entries(isNode(paths) ? paths : {})) {
    const servers = isNode(item) ? member(item, 'servers') : undefined;
    const pointer = child('/paths', path, 'servers');
    const [url] = servers ? serversOf({ ...context, warn: () => {} }, servers, documentUrl, pointer).urls : [];
    if (url !== undefined) return url;
  }
  return undefined;
}

/** The origin and the path of a base URL, which may contain variables. */
export function partsOf(baseUrl: string): { origin: string; path: string } {
  const [origin = baseUrl] = /^(?:https?:\/\/[^/]+|\{\w+\})/i.exec(baseUrl) ?? [];
  return { origin, path: baseUrl.slice(origin.length) };
}

/** The path at the owner's base URL of a server at the document's own origin: it keeps the part beyond the document's own path. */
export function rebasedPath(serverUrl: string, ownUrl: string, baseUrl: string): string {
  const server = partsOf(serverUrl).path;
  const own = partsOf(ownUrl).path;
  const base = partsOf(baseUrl).path;
  if (server === own || server.startsWith(`${own}/`)) return base + server.slice(own.length);
  return base.endsWith(own) ? base.slice(0, base.length - own.length) + server : server;
}
