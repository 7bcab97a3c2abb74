import type { Problem } from '@errand/trpc-openapi/contract';

/** The server refused a request for good: the same request would be refused again. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';

  /** @param problem the problem document of the answer */
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }

  /** Reads the problem document of an answer; makes one up when something on the way answered instead of Errand. */
  static async from(response: Response): Promise<RequestFailed> {
    const body: unknown = await response.json().catch(() => undefined);
    return new RequestFailed(
      isProblem(body)
        ? body
        : {
            type: 'about:blank',
            title: response.statusText || 'Request failed',
            status: response.status,
            detail: `The server answered ${response.status} without a problem document. Check the URL.`,
            code: 'unknown',
          },
    );
  }
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && 'status' in body && 'title' in body;
