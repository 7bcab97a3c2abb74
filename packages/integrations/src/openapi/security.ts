import type { RequiredCredential, UserAuth } from '@errand/ports/importer';
import type { OAuthScheme } from '@errand/ports/service-auth';
import { stripHidden } from '../execute/clean.ts';
import type { ToolAuth } from '../execute/credential.ts';
import { type Context, child, isNode, member, type Node, nodesOf, resolve, textOf } from './document/document.ts';
import { mustFit } from './document/server.ts';

export type Security = {
  auth: ToolAuth;
  oauth2?: OAuthScheme;
  /** Location and name of the parameters that contain credentials. */
  reserved: Set<string>;
};

const bearer: ToolAuth = { type: 'API_TOKEN', in: 'header', name: 'Authorization', prefix: 'Bearer ' };

/** How a credential of a scheme is sent; undefined for unsupported schemes. */
function authOf(scheme: Node): ToolAuth | undefined {
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

function flowOf(scheme: Node): (typeof flows)[number] | undefined {
  const flowNodes = member(scheme, 'flows');
  return isNode(flowNodes) ? flows.find((flow) => isNode(flowNodes[flow])) : undefined;
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
      else context.warn(child('/components/securitySchemes', name), `${key} was left out: it is not a URL.`);
    }
    return absolute;
  };
  const required = requiredScopes(context, name);
  if (member(scheme, 'type') === 'openIdConnect') {
    return { ...urls(scheme, ['openIdConnectUrl']), scopes: required };
  }
  const flowNodes = member(scheme, 'flows');
  if (member(scheme, 'type') !== 'oauth2' || !isNode(flowNodes)) return undefined;
  const flow = flowOf(scheme);
  if (flow === undefined) return undefined;
  const flowNode = flowNodes[flow] as Node;
  const scopes = member(flowNode, 'scopes');
  const described = isNode(scopes) ? Object.keys(scopes) : [];
  const isOfClient = flow === 'clientCredentials';
  const endpoints = urls(flowNode, ['authorizationUrl', 'tokenUrl']);
  return { ...endpoints, scopes: required.length > 0 ? required : described, ...(isOfClient && { isOfClient }) };
}

/** @throws DocumentFault for an address that is too long, also in a flow that is not used */
function mustHaveFittingUrls(node: Node, pointer: string): void {
  for (const [key, value] of Object.entries(node)) {
    if (isNode(value)) mustHaveFittingUrls(value, child(pointer, key));
    else if (key.endsWith('Url')) mustFit(String(value), child(pointer, key));
  }
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

function byFrequency(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
}

function schemesOf(context: Context): Node | undefined {
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
    mustHaveFittingUrls(scheme, child('/components/securitySchemes', name));
    auth ??= authOf(scheme);
    oauth2 ??= oauthOf(context, scheme, name, documentUrl);
    if (!authOf(scheme))
      context.warn(child('/components/securitySchemes', name), 'This kind of credential is not supported.');
  }
  const combined = nodesOf(member(context.root, 'security')).find((requirement) => Object.keys(requirement).length > 1);
  if (combined && auth) context.warn('/security', 'Several credentials are required at once; only one is sent.');
  return { auth: auth ?? { type: 'NONE' }, reserved: reservedNames(context, schemes), oauth2 };
}

/** Location and name of the parameters that contain credentials. */
function reservedNames(context: Context, schemes: Node): Set<string> {
  const keys = Object.values(schemes).flatMap((value) => {
    const scheme = resolve(context, value);
    if (!scheme || member(scheme, 'type') !== 'apiKey') return [];
    const name = textOf(member(scheme, 'name')) ?? '';
    const location = String(member(scheme, 'in'));
    return [`${location} ${location === 'header' ? name.toLowerCase() : name}`];
  });
  return new Set(['header authorization', ...keys]);
}

/** The most frequent required credential. Operations with `security: []`, or with the alternative `{}`, require none. */
export function requiredCredential(context: Context, operations: readonly Node[]): RequiredCredential | undefined {
  const requiring = operations
    .map((operation) => nodesOf(member(operation, 'security') ?? member(context.root, 'security')))
    .map((alternatives) => alternatives.map(Object.keys))
    .filter((alternatives) => alternatives.length > 0 && alternatives.every((names) => names.length > 0));
  const names = byFrequency(requiring.flatMap((alternatives) => [...new Set(alternatives.flat())]));
  const name = names.find((name) => authOf(schemeOf(context, name)) !== undefined) ?? names[0];
  if (name === undefined) return undefined;
  const scheme = schemeOf(context, name);
  const auth = userAuthOf(context, requiring);
  return {
    scheme: `"${shortText(name)}" (${kindOf(scheme)})`,
    advice: adviceOn(scheme),
    requiringCount: requiring.length,
    operationCount: operations.length,
    ...(auth && { auth }),
  };
}

/**
 * How users send a credential of their own, by the scheme that most operations accept. If that one needs a client of the owner, another
 * scheme counts if most of the same operations accept it instead. One credential does not complete a combination of schemes.
 * @param requiring of each operation the alternatives, which are names of schemes
 */
function userAuthOf(context: Context, requiring: readonly (readonly string[][])[]): UserAuth | undefined {
  const accepted = requiring.map((alternatives) => new Set(alternatives.filter(({ length }) => length === 1).flat()));
  const namesIn = (sets: readonly Set<string>[]) => byFrequency(sets.flatMap((names) => [...names]));
  const first = namesIn(accepted).find((name) => authOf(schemeOf(context, name)) !== undefined);
  if (first === undefined) return undefined;
  const same = accepted.filter((names) => names.has(first));
  const name = [first, ...namesIn(same)].find((name) => authOfUsers(schemeOf(context, name)) !== undefined);
  if (name === undefined || same.filter((names) => names.has(name)).length * 2 <= same.length) return undefined;
  return authOfUsers(schemeOf(context, name));
}

/** How users send a credential of a scheme that needs no client. */
function authOfUsers(scheme: Node): UserAuth | undefined {
  const { in: part, name, prefix = '' } = authOf(scheme) ?? {};
  const type = member(scheme, 'type');
  if (part === undefined || name === undefined || type === 'oauth2' || type === 'openIdConnect') return undefined;
  return prefix === 'Basic ' ? { type: 'BASIC' } : { type: 'API_TOKEN', in: part, name, prefix };
}

function schemeOf(context: Context, name: string): Node {
  return resolve(context, member(schemesOf(context) ?? {}, name)) ?? {};
}

/** Text of the document for a warning: short, and on one line. */
const shortText = (text: string): string => stripHidden(text).replaceAll(/\s+/g, ' ').slice(0, 100).toWellFormed();

function kindOf(scheme: Node): string {
  const memberText = (key: string) => shortText(textOf(member(scheme, key)) ?? '');
  const type = member(scheme, 'type');
  if (type === 'http') return `http ${memberText('scheme')}`;
  if (type === 'apiKey') return `apiKey in ${memberText('in')} ${memberText('name')}`;
  return memberText('type') || 'the document does not describe it';
}

const TOKEN_ADVICE = 'PATCH it with auth: {"type": "API_TOKEN"}, with "token" if all users share one';
const CLIENT_ADVICE = 'PATCH it with auth: {"type": "OAUTH2", "clientId": "…", "clientSecret": "…"}.';

function adviceOn(scheme: Node): string {
  const auth = authOf(scheme);
  if (auth === undefined) {
    return member(scheme, 'type') === undefined
      ? `${TOKEN_ADVICE}.`
      : 'Errand cannot send this kind of credential, so the service will refuse calls.';
  }
  if (auth.prefix === 'Basic ')
    return 'PATCH it with auth: {"type": "BASIC"}, with "user" and "password" if all users share them.';
  if (member(scheme, 'type') === 'openIdConnect') return CLIENT_ADVICE;
  if (member(scheme, 'type') !== 'oauth2') return `${TOKEN_ADVICE}.`;
  const flow = flowOf(scheme);
  if (flow === undefined || flow === 'authorizationCode') return CLIENT_ADVICE;
  if (flow === 'clientCredentials')
    return 'PATCH it with auth: {"type": "CLIENT_CREDENTIALS", "clientId": "…", "clientSecret": "…"}.';
  return `Errand does not serve the flow ${flow}. Get a token by it, then PATCH it with auth: {"type": "API_TOKEN", "token": "…"}.`;
}
