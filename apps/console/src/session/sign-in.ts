// Signing in and out. Links and tickets of the identity provider arrive in the fragment of the address, which browsers send to no server.
import type { Problem } from '@errand/client/console';
import { sessionClient } from './clients.ts';
import { readToken, removeToken, storeToken } from './token.ts';

const TICKET = 'oidc.';
/** The fragment after an identity was linked. */
const LINKED = 'linked';

export type SignInMethods = { oidc?: { host: string } };
export type Arrival = { workspaceId?: string; isLinked?: boolean; problem?: Problem };

/** Uses and removes the secret in the address. Call it before anything else reads the address. */
export async function redeemFragment(): Promise<Arrival> {
  const fragment = location.hash.slice(1);
  if (fragment === '') return {};
  // Before the first request, so that the secret stays in no address and no history.
  history.replaceState(null, '', returnPath());
  if (fragment === LINKED) return { isLinked: true };
  const isTicket = fragment.startsWith(TICKET);
  const [path, secret] = isTicket
    ? ['/console/sign-in/oidc', { ticket: fragment.slice(TICKET.length) }]
    : ['/console/sign-in', { link: fragment }];
  const answer = await request<{ token: string; workspaceId?: string }>(path, secret);
  if ('problem' in answer) return answer;
  storeToken(answer.body.token);
  return answer.body.workspaceId === undefined ? {} : { workspaceId: answer.body.workspaceId };
}

export const returnPath = (): string => location.pathname + location.search;

export async function signInMethods(): Promise<SignInMethods> {
  const answer = await request<SignInMethods>('/console/sign-in/methods');
  return 'body' in answer ? answer.body : {};
}

/** The address at the identity provider that links an identity to the person who is signed in. */
export async function identityLink(): Promise<string> {
  const answer = await request<{ url: string }>('/console/sign-in/oidc/link', { returnPath: returnPath() });
  if ('problem' in answer) throw answer.problem;
  return answer.body.url;
}

export async function signOut(): Promise<void> {
  await sessionClient.session.end.mutate({}).catch(() => {});
  removeToken();
}

async function request<T>(path: string, body?: unknown): Promise<{ body: T } | { problem: Problem }> {
  const headers = {
    'x-errand-console': readToken(),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const method = body === undefined ? 'GET' : 'POST';
  try {
    const response = await fetch(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
    const answer = await response.json();
    return response.ok ? { body: answer as T } : { problem: answer as Problem };
  } catch {
    return { problem: UNREACHABLE };
  }
}

/** The problem that pages show when the service does not answer. */
export const UNREACHABLE: Problem = {
  code: 'unreachable',
  title: 'Errand does not answer',
  status: 0,
  detail: 'The service cannot be reached.',
  remedy: 'Check that the service runs, and that this computer has a network.',
};
