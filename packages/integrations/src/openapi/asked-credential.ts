import { stripHidden } from '../execute/clean.ts';
import { type Context, member, type Node, nodesOf, resolve, textOf } from './document/document.ts';
import { authOf, byFrequency, flowOf, schemesOf } from './security.ts';

/** The credential that operations of the document require. */
export type AskedCredential = {
  /** Name and kind of the security scheme. */
  scheme: string;
  /** A sentence about the right `auth`, for the owner. */
  advice: string;
  /** The number of operations that require a credential, and of all operations. */
  asking: number;
  operations: number;
};

/** The most frequent required credential. Operations with `security: []`, or with the alternative `{}`, require none. */
export function askedCredential(context: Context, operations: readonly Node[]): AskedCredential | undefined {
  const required: string[] = [];
  let asking = 0;
  for (const operation of operations) {
    const alternatives = nodesOf(member(operation, 'security') ?? member(context.root, 'security'));
    const names = new Set(alternatives.flatMap(Object.keys));
    if (names.size === 0 || alternatives.some((alternative) => Object.keys(alternative).length === 0)) continue;
    asking++;
    required.push(...names);
  }
  const names = byFrequency(required);
  const name = names.find((name) => authOf(schemeOf(context, name)) !== undefined) ?? names[0];
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
  return resolve(context, member(schemesOf(context) ?? {}, name)) ?? {};
}

/** Text of the document for a warning: short, and on one line. */
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
