import type { Problem } from '@errand/trpc-openapi/contract';

/** The server rejected a request and would reject it again, or did not answer it. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';

  /** @param problem the problem document of the answer */
  constructor(
    readonly problem: Problem,
    options?: ErrorOptions,
  ) {
    super([problem.detail ?? problem.title, problem.remedy].filter(Boolean).join(' '), options);
  }

  /** Reads the problem document of an answer; creates one when a proxy answered instead of Errand. */
  static async from(response: Response): Promise<RequestFailed> {
    const body = await readJson(response).catch(() => undefined);
    return new RequestFailed(
      isProblem(body)
        ? body
        : {
            type: 'about:blank',
            title: response.statusText || 'Request failed',
            status: response.status,
            detail: `The server answered ${response.status} without a problem document.`,
            remedy: 'Check the URL.',
            code: 'unknown',
          },
    );
  }
}

/** The largest body that may be a problem document; a proxy may answer a larger one. */
const MAX_CHARACTERS = 256 * 1024;

/** @throws if the body is not JSON, or too large */
async function readJson({ body }: Response): Promise<unknown> {
  const decoder = new TextDecoder();
  const reader = body!.getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return JSON.parse(text);
    text += decoder.decode(value, { stream: true });
    if (text.length > MAX_CHARACTERS) return reader.cancel();
  }
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && 'status' in body && 'title' in body;
