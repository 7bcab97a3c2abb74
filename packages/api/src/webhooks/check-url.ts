import { problem } from '@errand/contracts';
import type { ApiDeps } from '../deps.ts';

/** @throws ProblemError url_not_allowed */
export async function checkUrl(deps: Pick<ApiDeps, 'checkUrl'>, url: string): Promise<void> {
  try {
    await deps.checkUrl(url);
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'url_not_allowed') throw cause;
    throw problem('url_not_allowed', 'The URL may not be called: give one with https, at a public address.', {
      errors: [{ pointer: '/url', message: 'May not be called.' }],
      cause,
    });
  }
}
