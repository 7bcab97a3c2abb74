import type { OAuthScheme } from '@errand/ports/service-auth';
import type { ToolAuth } from '../execute/credential.ts';
import { type Context, isNode, member, type Node, nodesOf, resolve, step, textOf } from './document/document.ts';

export type Security = {
  auth: ToolAuth;
  oauth2?: OAuthScheme;
  /** Parameters that are credentials. */
  reserved: Set<string>;
};

const bearer: ToolAuth = { type: 'API_TOKEN', in: 'header', name: 'Authorization', prefix: 'Bearer ' };

/** How a credential of a scheme is sent; undefined where it cannot be. */
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

/** The flow of an OAuth 2.0 scheme that can be served best. */
export function flowOf(scheme: Node): (typeof flows)[number] | undefined {
  const offered = member(scheme, 'flows');
  return isNode(offered) ? flows.find((flow) => isNode(offered[flow])) : undefined;
}

/** The OAuth 2.0 scheme with absolute URLs. Without requested scopes it names all that the document describes. */
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
      else context.warn(step('/components/securitySchemes', name), `${key} is not a URL, and was left out.`);
    }
    return absolute;
  };
  const requested = askedScopes(context, name);
  if (member(scheme, 'type') === 'openIdConnect') {
    return { ...urls(scheme, ['openIdConnectUrl']), scopes: requested };
  }
  const offered = member(scheme, 'flows');
  if (member(scheme, 'type') !== 'oauth2' || !isNode(offered)) return undefined;
  const flow = flowOf(scheme);
  if (flow === undefined) return undefined;
  const at = offered[flow] as Node;
  const scopes = member(at, 'scopes');
  const described = isNode(scopes) ? Object.keys(scopes) : [];
  return { ...urls(at, ['authorizationUrl', 'tokenUrl']), scopes: requested.length > 0 ? requested : described };
}

/** The lists of requirements in the document: its own, then those of its operations. */
function requirementsOf(context: Context): Node[] {
  const paths = member(context.root, 'paths');
  const operations = (isNode(paths) ? Object.values(paths) : []).flatMap((item) =>
    (isNode(item) ? Object.values(item) : []).filter(isNode),
  );
  return [context.root, ...operations].flatMap((node) => nodesOf(member(node, 'security')));
}

function askedScopes(context: Context, name: string): string[] {
  const lists = requirementsOf(context).map((requirement) => member(requirement, name));
  const texts = lists.flatMap((list) => (Array.isArray(list) ? list : [])).filter((scope) => typeof scope === 'string');
  return [...new Set(texts)].slice(0, 200);
}

/** The names of the schemes in the order in which the document asks for them, the most frequent first. */
function schemesByPreference(context: Context, schemes: Node): string[] {
  const lists = nodesOf(member(context.root, 'security'));
  const counts = new Map<string, number>();
  for (const requirement of requirementsOf(context)) {
    for (const name of Object.keys(requirement)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const often = [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  return [...new Set([...lists.flatMap((requirement) => Object.keys(requirement)), ...often, ...Object.keys(schemes)])];
}

/**
 * What the document's security schemes suggest. Its first scheme that can be served is taken; the owner may say otherwise.
 * @param documentUrl the URL of the document; relative URLs are relative to it
 */
export function securityOf(context: Context, documentUrl?: string): Security {
  const components = member(context.root, 'components');
  const schemes = isNode(components) ? member(components, 'securitySchemes') : undefined;
  if (!isNode(schemes)) return { auth: { type: 'NONE' }, reserved: new Set(['header authorization']) };
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
  if (joint && auth) context.warn('/security', 'Several credentials are asked for at once; only one is sent.');
  return { auth: auth ?? { type: 'NONE' }, reserved: reservedBy(context, schemes), oauth2 };
}

/** The parameters that are credentials, by their place and name. */
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
