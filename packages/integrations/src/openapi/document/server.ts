import { type Context, child, invalid, isNode, member, type Node, nodesOf, textOf } from './document.ts';

/** Replaces the `{variables}` of a server URL by their defaults; undefined if a default is missing. */
function expandTemplate(template: string, variables: unknown): string | undefined {
  let isMissing = false;
  const url = template.replace(/\{([^{}]*)\}/g, (_all, name: string) => {
    const variable = isNode(variables) ? member(variables, name) : undefined;
    const choices = isNode(variable) ? member(variable, 'enum') : undefined;
    const defaultValue = isNode(variable) ? member(variable, 'default') : undefined;
    const value = defaultValue ?? (Array.isArray(choices) ? choices[0] : undefined);
    const isAllowed = !Array.isArray(choices) || choices.includes(value);
    if ((typeof value !== 'string' && typeof value !== 'number') || !isAllowed) isMissing = true;
    return String(value);
  });
  return isMissing || /[{}]/.test(url) ? undefined : url;
}

/** The servers of a node as absolute http(s) URLs, https first. */
export function serversOf(context: Context, servers: unknown, base: string | undefined, listPointer: string): string[] {
  const urls = nodesOf(servers).flatMap((server, index) => {
    const pointer = child(listPointer, index, 'url');
    const { url, reason } = serverOf(context, server, base, pointer);
    if (url === undefined) context.warn(pointer, `The server was left out: ${reason}.`);
    return url ?? [];
  });
  return [...urls.filter((url) => url.startsWith('https:')), ...urls.filter((url) => url.startsWith('http:'))];
}

type ServerResult = { url: string; reason?: undefined } | { url?: undefined; reason: string };

function serverOf(context: Context, server: Node, base: string | undefined, pointer: string): ServerResult {
  const template = textOf(member(server, 'url'));
  if (template === undefined) return { reason: 'its url must be a text' };
  const url = expandTemplate(template.trim(), member(server, 'variables'));
  if (url === undefined) return { reason: 'a variable of its url has no usable default' };
  if (!URL.canParse(url, base)) {
    const relative = base === undefined && !/^[a-z][a-z0-9+.-]*:/i.test(url);
    return { reason: relative ? 'it is relative, and the document was not loaded from a URL' : 'it is not a URL' };
  }
  const parsed = new URL(url, base);
  if (!/^https?:$/.test(parsed.protocol)) return { reason: 'it is not http(s)' };
  if (parsed.search || parsed.hash) context.warn(pointer, 'Query and fragment of the server url were left out.');
  parsed.search = '';
  parsed.hash = '';
  return { url: parsed.href.replace(/\/+$/, '') };
}

/** The URL of the service: the owner's, else the document's server, else the document's origin. */
export function baseUrlOf(context: Context, configured: string | undefined, documentUrl: string | undefined): string {
  if (configured !== undefined) {
    if (!URL.canParse(configured)) throw invalid('/baseUrl', 'baseUrl must be an absolute URL.');
    return new URL(configured).href.replace(/[?#].*$/, '').replace(/\/+$/, '');
  }
  const servers = member(context.root, 'servers');
  const [first] = serversOf(context, servers, documentUrl, '/servers');
  if (first !== undefined) return first;
  if (documentUrl !== undefined && nodesOf(servers).length === 0) {
    context.warn('/servers', 'The document names no server; its own origin is used.');
    return new URL(documentUrl).origin;
  }
  throw invalid('/servers', 'No usable server. Set servers with an absolute https url, or load the document by URL.');
}
