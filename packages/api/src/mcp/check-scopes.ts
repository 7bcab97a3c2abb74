import { type AgentTool, agentTools, holds, problem, type Scope } from '@errand/contracts';
import type { AgentCaller } from './agent-caller.ts';
import { challengeOf } from './token-challenge.ts';

const scopeOf = new Map<unknown, Scope | null>(
  Object.values(agentTools as Record<string, AgentTool>).map(({ name, scope }) => [name, scope as Scope | null]),
);

/**
 * Refuses a token that lacks a scope which it could have, so that its client can request more (RFC 6750 §3.1). Tools for scopes that it
 * cannot have do not exist for it, as for keys.
 * @throws ProblemError insufficient_scope
 */
export function checkScopes({ principal, mayGet }: AgentCaller, body: unknown, publicUrl: string): void {
  if (mayGet === undefined) return;
  const called = [body].flat().map((message) => toolOf(message));
  const missing = mayGet.filter(
    (scope) =>
      !holds(principal, scope) && (principal.scopes.length === 0 || called.some((tool) => scopeOf.get(tool) === scope)),
  );
  if (missing.length === 0) return;
  const scope = [...principal.scopes, ...missing].join(' ');
  throw problem('insufficient_scope', `The access token lacks ${missing.join(', ')}.`, {
    headers: { 'www-authenticate': challengeOf(publicUrl, { error: 'insufficient_scope', scope }) },
  });
}

function toolOf(message: unknown): unknown {
  const { method, params } = (message ?? {}) as { method?: unknown; params?: { name?: unknown } };
  return method === 'tools/call' ? params?.name : undefined;
}
