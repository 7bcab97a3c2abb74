import { stripHidden } from '../execute/hidden.ts';
import { type Context, isNode, member, type Node, nodesOf, resolve, textOf } from './document/document.ts';
import { authOf, flowOf } from './security.ts';

/** A credential without which operations of the document cannot be called. */
export type AskedCredential = {
  /** The security scheme: its name in the document, and its kind. */
  scheme: string;
  /** What the owner passes as `auth`, in a sentence. */
  advice: string;
  /** How many operations ask for a credential, of how many. */
  asking: number;
  operations: number;
};

/** What the operations ask for. One that may be called without a credential (`security: []`, or the alternative `{}`) asks for none. */
export function askedCredential(context: Context, operations: readonly Node[]): AskedCredential | undefined {
  const counts = new Map<string, number>();
  let asking = 0;
  for (const operation of operations) {
    const alternatives = nodesOf(member(operation, 'security') ?? member(context.root, 'security'));
    const names = new Set(alternatives.flatMap((alternative) => Object.keys(alternative)));
    if (names.size === 0 || alternatives.some((alternative) => Object.keys(alternative).length === 0)) continue;
    asking++;
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const often = [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const name = often.find((name) => authOf(schemeOf(context, name)) !== undefined) ?? often[0];
  if (name === undefined) return undefined;
  const scheme = schemeOf(context, name);
  return {
    scheme: `"${shortText(name)}" (${kindOf(scheme)})`,
    advice: adviceOn(scheme),
    asking,
    operations: operations.length,
  };
}

function schemeOf(context: Context, name: string): Node {
  const components = member(context.root, 'components');
  const schemes = isNode(components) ? member(components, 'securitySchemes') : undefined;
  return (isNode(schemes) && Object.hasOwn(schemes, name) && resolve(context, schemes[name])) || {};
}

/** Text of the document within a warning: short, and on one line. */
const shortText = (text: string): string => stripHidden(text).replaceAll(/\s+/g, ' ').slice(0, 100).toWellFormed();

function kindOf(scheme: Node): string {
  const part = (key: string) => shortText(textOf(member(scheme, key)) ?? '');
  switch (member(scheme, 'type')) {
    case 'http':
      return `http ${part('scheme')}`;
    case 'apiKey':
      return `apiKey in ${part('in')} ${part('name')}`;
    default:
      return part('type') || 'the document does not describe it';
  }
}

const TOKEN = 'Pass auth: {"type": "API_TOKEN"}, with "token" if all users share one';

function adviceOn(scheme: Node): string {
  const auth = authOf(scheme);
  if (auth === undefined) {
    return member(scheme, 'type') === undefined
      ? `${TOKEN}.`
      : 'Errand cannot send this kind of credential, so the service will refuse calls.';
  }
  if (auth.prefix === 'Basic ') return `${TOKEN}. The token is user:password.`;
  if (member(scheme, 'type') === 'openIdConnect') return 'Pass auth: {"type": "OAUTH2", "clientId": "…"}.';
  if (member(scheme, 'type') !== 'oauth2') return `${TOKEN}.`;
  const flow = flowOf(scheme);
  if (flow === undefined || flow === 'authorizationCode') return 'Pass auth: {"type": "OAUTH2", "clientId": "…"}.';
  return `Errand does not serve the flow ${flow}. Get a token by it, then pass auth: {"type": "API_TOKEN", "token": "…"}.`;
}
