import { MAX_URL } from '@errand/contracts';
import type { BearerChallenge } from '@errand/ports/service-auth';
import { scopesIn } from './scopes.ts';

/** `error`: such as `invalid_token` or `insufficient_scope`. */
export type Challenge = BearerChallenge & { error?: string };

const MAX_HEADER = 4096;
const PARAMETER = /(?<![a-z_])([a-z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi;

/** The Bearer challenge of a WWW-Authenticate header, or an empty object. */
export function challengeOf(header: string | null | undefined): Challenge {
  const text = (header ?? '').slice(0, MAX_HEADER);
  const start = /(?:^|,)\s{0,9}Bearer\b/i.exec(text);
  if (!start) return {};
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, unquoted = ''] of text.slice(start.index).matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    // Parameters of other challenges may follow.
    if (!parameters.has(key)) parameters.set(key, quoted === undefined ? unquoted : quoted.replace(/\\(.)/g, '$1'));
  }
  const scope = parameters.get('scope');
  const metadataUrl = parameters.get('resource_metadata') ?? '';
  return {
    error: parameters.get('error'),
    scopes: scope === undefined ? undefined : scopesIn(scope),
    resourceMetadataUrl: metadataUrl.length <= MAX_URL ? metadataUrl || undefined : undefined,
  };
}
