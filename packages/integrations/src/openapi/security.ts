import type { OAuthScheme } from '@errand/ports/service-auth';
import type { ToolAuth } from '../execute/credential.ts';
import { type Context, isNode, member, type Node, nodesOf, resolve, step, textOf } from './document/document.ts';

export type Security = {
  auth: ToolAuth;
  oauth2?: OAuthScheme;
  /** Location and name of the parameters that contain credentials. */
  reserved: Set<string>;
};

const bearer: ToolAuth = { type: 'API_TOKEN', in: 'header', name: 'Authorization', prefix: 'Bearer ' };

/** How a credential of a scheme is sent; undefined for unsupported schemes. */
export function authOf(scheme: Node): ToolAuth | undefined {
  const type = member(scheme, 'type');
  const name = textOf(member(scheme, 'name'));
  const location = member(scheme, 'in');
  if (type === 'apiKey' && name && (location === 'header' || location === 'query')) {
    return { type: 'API_TOKEN', in: location, name, prefix: '' };
  }
  if (type === 'http') {
    const kind = textOf(member(scheme, 'scheme'))?.toLowerCase();
    if (kind === 'bearer') return bearer;
    if (kind === 'basic') return { ...bearer, prefix: 'Basic ' };
  }
  if (type === 'oauth2' || type === 'openIdConnect') return bearer;
  return undefined;
}

const flows = ['authorizationCode', 'clientCredentials', 'implicit', 'password'] as const;

/** The preferred flow of an OAuth 2.0 scheme. */
export function flowOf(scheme: Node): (typeof flows)[number] | undefined {
  const offered = member(scheme, 'flows');
  return isNode(offered) ? flows.find((flow) => isNode(offered[flow])) : undefined;
}

/** The OAuth 2.0 scheme with absolute URLs. Without required scopes it names all scopes that the document describes. */
function oauthOf(
  context: Context,
  scheme: Node,
  name: string,
  documentUrl: string | undefined,
): OAuthScheme | undefined {
  const urls = (node: Node, keys: readonly ('authorizationUrl' | 'tokenUrl' | 'openIdConnectUrl')[]) => {
    const absolute: Partial<OAuthScheme> = {};
    for (const key of keys) {
      const text = textOf(member(node, key));
      if (text === undefined) continue;
      if (URL.canParse(text, documentUrl)) absolute[key] = new URL(text, documentUrl).href;
      else context.warn(step('/components/securitySchemes', name), `${key} was left out: it is not a URL.`);
    }
    return absolute;
  };
  const required = requiredScopes(context, name);
  if (member(scheme, 'type') === 'openIdConnect') {
    return { ...urls(scheme, ['openIdConnectUrl']), scopes: required };
  }
  const offered = member(scheme, 'flows');
  if (member(scheme, 'type') !== 'oauth2' || !isNode(offered)) return undefined;
  const flow = flowOf(scheme);
  if (flow === undefined) return undefined;
  const at = offered[flow] as Node;
  const scopes = member(at, 'scopes');
  const described = isNode(scopes) ? Object.keys(scopes) : [];
  return { ...urls(at, ['authorizationUrl', 'tokenUrl']), scopes: required.length > 0 ? required : described };
}

/** The security requirements of the document, then those of its operations. */
function requirementsOf(context: Context): Node[] {
  const paths = member(context.root, 'paths');
  const operations = (isNode(paths) ? Object.values(paths) : []).flatMap((item) =>
    (isNode(item) ? Object.values(item) : []).filter(isNode),
  );
  return [context.root, ...operations].flatMap((node) => nodesOf(member(node, 'security')));
}

function requiredScopes(context: Context, name: string): string[] {
  const lists = requirementsOf(context).map((requirement) => member(requirement, name));
  const texts = lists.flatMap((list) => (Array.isArray(list) ? list : [])).filter((scope) => typeof scope === 'string');
  return [...new Set(texts)].slice(0, 200);
}

/** The names of the schemes: first those that the document requires as a whole, then by frequency. */
function schemesByPreference(context: Context, schemes: Node): string[] {
  const general = nodesOf(member(context.root, 'security')).flatMap(Object.keys);
  const all = byFrequency(requirementsOf(context).flatMap(Object.keys));
  return [...new Set([...general, ...all, ...Object.keys(schemes)])];
}

/** The distinct names, most frequent first. */
export function byFrequency(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
}

export function schemesOf(context: Context): Node | undefined {
  const components = member(context.root, 'components');
  const schemes = isNode(components) ? member(components, 'securitySchemes') : undefined;
  return isNode(schemes) ? schemes : undefined;
}

/**
 * The authentication that the document suggests: its first supported scheme. The owner can override it.
 * @param documentUrl the base of relative URLs
 */
export function securityOf(context: Context, documentUrl?: string): Security {
  const schemes = schemesOf(context);
  if (!schemes) return { auth: { type: 'NONE' }, reserved: new Set(['header authorization']) };
  let auth: ToolAuth | undefined;
  let oauth2: OAuthScheme | undefined;
  for (const name of schemesByPreference(context, schemes)) {
    const scheme = resolve(context, member(schemes, name));
    if (!scheme) continue;
    auth ??= authOf(scheme);
    oauth2 ??= oauthOf(context, scheme, name, documentUrl);
    if (!authOf(scheme))
      context.warn(step('/components/securitySchemes', name), 'This kind of credential is not supported.');
  }
  const joint = nodesOf(member(context.root, 'security')).find((requirement) => Object.keys(requirement).length > 1);
  if (joint && auth) context.warn('/security', 'Several credentials are required at once; only one is sent.');
  return { auth: auth ?? { type: 'NONE' }, reserved: reservedBy(context, schemes), oauth2 };
}

/** Location and name of the parameters that contain credentials. */
function reservedBy(context: Context, schemes: Node): Set<string> {
  const keys = Object.values(schemes).flatMap((value) => {
    const scheme = resolve(context, value);
    if (!scheme || member(scheme, 'type') !== 'apiKey') return [];
    const name = textOf(member(scheme, 'name')) ?? '';
    const location = String(member(scheme, 'in'));
    return [`${location} ${location === 'header' ? name.toLowerCase() : name}`];
  });
  return new Set(['header authorization', ...keys]);
}
