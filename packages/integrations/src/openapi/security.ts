import { type Context, isNode, member, type Node, nodesOf, resolve, step, textOf } from './document.ts';

/** Where a credential goes. `prefix` stands before the token as it is; with `Basic ` a `user:password` is encoded. */
export type ToolAuth = { type: 'NONE' | 'API_TOKEN'; in?: 'header' | 'query'; name?: string; prefix?: string };

/** What an OAuth 2.0 scheme of the document says, for later use. */
export type OAuthHint = {
  flow: string;
  authorizationUrl?: string;
  tokenUrl?: string;
  refreshUrl?: string;
  openIdConnectUrl?: string;
  scopes: string[];
};

export type Security = {
  auth: ToolAuth;
  oauth2?: OAuthHint /** Parameters that are credentials. */;
  reserved: Set<string>;
};

const bearer: ToolAuth = { type: 'API_TOKEN', in: 'header', name: 'Authorization', prefix: 'Bearer ' };

function authOf(scheme: Node): ToolAuth | undefined {
  const type = member(scheme, 'type');
  const name = textOf(member(scheme, 'name'));
  const place = member(scheme, 'in');
  if (type === 'apiKey' && name && (place === 'header' || place === 'query')) {
    return { type: 'API_TOKEN', in: place, name, prefix: '' };
  }
  if (type === 'http') {
    const kind = textOf(member(scheme, 'scheme'))?.toLowerCase();
    if (kind === 'bearer') return bearer;
    if (kind === 'basic') return { ...bearer, prefix: 'Basic ' };
  }
  if (type === 'oauth2' || type === 'openIdConnect') return bearer;
  return undefined;
}

function hintOf(scheme: Node): OAuthHint | undefined {
  const openIdConnectUrl = textOf(member(scheme, 'openIdConnectUrl'));
  if (member(scheme, 'type') === 'openIdConnect') {
    return { flow: 'authorizationCode', ...(openIdConnectUrl && { openIdConnectUrl }), scopes: [] };
  }
  const flows = member(scheme, 'flows');
  if (member(scheme, 'type') !== 'oauth2' || !isNode(flows)) return undefined;
  const flow = ['authorizationCode', 'clientCredentials', 'implicit', 'password'].find((one) => isNode(flows[one]));
  if (flow === undefined) return undefined;
  const at = flows[flow] as Node;
  const scopes = member(at, 'scopes');
  const hint: OAuthHint = { flow, scopes: isNode(scopes) ? Object.keys(scopes) : [] };
  for (const key of ['authorizationUrl', 'tokenUrl', 'refreshUrl'] as const) {
    const url = textOf(member(at, key));
    if (url !== undefined) hint[key] = url;
  }
  return hint;
}

/** The names of the schemes in the order in which the document asks for them, most asked first. */
function wanted(context: Context, schemes: Node): string[] {
  const lists = nodesOf(member(context.root, 'security'));
  const counts = new Map<string, number>();
  const paths = member(context.root, 'paths');
  for (const item of isNode(paths) ? Object.values(paths) : []) {
    for (const operation of isNode(item) ? Object.values(item) : []) {
      for (const requirement of isNode(operation) ? nodesOf(member(operation, 'security')) : []) {
        for (const name of Object.keys(requirement)) counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
  }
  const often = [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  return [...new Set([...lists.flatMap((one) => Object.keys(one)), ...often, ...Object.keys(schemes)])];
}

/** What the document's security schemes suggest. Its first scheme that can be served is taken; the owner may say otherwise. */
export function securityOf(context: Context): Security {
  const components = member(context.root, 'components');
  const schemes = isNode(components) ? member(components, 'securitySchemes') : undefined;
  const reserved = new Set<string>(['header authorization']);
  if (!isNode(schemes)) return { auth: { type: 'NONE' }, reserved };
  const found = new Map<string, Node>();
  for (const name of Object.keys(schemes)) {
    const scheme = resolve(context, schemes[name]);
    if (!scheme) continue;
    found.set(name, scheme);
    if (member(scheme, 'type') === 'apiKey') {
      const at = textOf(member(scheme, 'name')) ?? '';
      const place = String(member(scheme, 'in'));
      reserved.add(`${place} ${place === 'header' ? at.toLowerCase() : at}`);
    }
  }
  let auth: ToolAuth | undefined;
  let oauth2: OAuthHint | undefined;
  for (const name of wanted(context, schemes)) {
    const scheme = found.get(name);
    if (!scheme) continue;
    auth ??= authOf(scheme);
    oauth2 ??= hintOf(scheme);
    if (!authOf(scheme)) {
      context.warn(step('/components/securitySchemes', name), 'This kind of credential is not supported.');
    }
  }
  const joint = nodesOf(member(context.root, 'security')).find((one) => Object.keys(one).length > 1);
  if (joint && auth) context.warn('/security', 'Several credentials are asked for at once; only one is sent.');
  return { auth: auth ?? { type: 'NONE' }, reserved, ...(oauth2 && { oauth2 }) };
}
