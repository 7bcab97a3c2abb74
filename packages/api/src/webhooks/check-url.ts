import { problem } from '@errand/contracts';
import type { ApiDeps } from '../deps.ts';

/** @throws ProblemError url_not_allowed */
export async function checkUrl(deps: Pick<ApiDeps, 'checkUrl'>, url: string): Promise<void> {
  try {
    await deps.checkUrl(url);
  } catch (cause) {
    const { code, advice } = cause as { code?: unknown; advice?: string };
    if (code !== 'url_not_allowed') throw cause;
    throw problem('url_not_allowed', 'Errand may not call this URL.', {
      ...(advice && { remedy: advice }),
      errors: [{ pointer: '/url', message: 'May not be called.' }],
      cause,
    });
  }
}
