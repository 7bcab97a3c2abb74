import { scopesIn } from './scopes.ts';

/** What a service says when it wants another access token (RFC 6750 §3, RFC 9728 §5.1). */
export type Challenge = {
  /** `invalid_token`, `insufficient_scope` or another word. */
  error?: string;
  /** The scopes that it wants. */
  scopes?: string[];
  /** Where its metadata stands. */
  resourceMetadataUrl?: string;
};

const MAX_HEADER = 4096;
const PARAMETER = /([a-z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi;

/** The Bearer challenge of a WWW-Authenticate header; empty when there is none. */
export function challengeOf(header: string | null | undefined): Challenge {
  const text = (header ?? '').slice(0, MAX_HEADER);
  const start = /(?:^|,)\s{0,9}Bearer\b/i.exec(text);
  if (!start) return {};
  const found = new Map<string, string>();
  for (const [, name = '', quoted, plain = ''] of text.slice(start.index).matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    // The first is that of the Bearer challenge; others may follow it.
    if (!found.has(key)) found.set(key, quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1'));
  }
  const error = found.get('error');
  const scope = found.get('scope');
  const resourceMetadataUrl = found.get('resource_metadata');
  return {
    ...(error !== undefined && { error }),
    ...(scope !== undefined && { scopes: scopesIn(scope) }),
    ...(resourceMetadataUrl !== undefined && { resourceMetadataUrl }),
  };
}
