import type { Problem } from '@errand/trpc-openapi/contract';

/** The server rejected a request, and would reject the same request again. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';

  /** @param problem the problem document of the answer */
  constructor(readonly problem: Problem) {
    super([problem.detail ?? problem.title, problem.remedy].filter(Boolean).join(' '));
  }

  /** Reads the problem document of an answer; creates one when a proxy answered instead of Errand. */
  static async from(response: Response): Promise<RequestFailed> {
    const body: unknown = await response.json().catch(() => undefined);
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

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && 'status' in body && 'title' in body;
