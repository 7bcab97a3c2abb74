import type { Problem } from '@errand/trpc-openapi/contract';
import { limitAnswer, limitEvents, MAX_ANSWER_BYTES } from './limit-answer.ts';

/**
 * A `fetch` that does not follow redirects: the key in the headers of the request would go to the address that the answer names.
 * @returns the answer, which is limited to MAX_ANSWER_BYTES; for a redirect a problem document that says where it leads
 */
export async function fetchHere(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, { ...init, redirect: 'manual' });
  if (response.status < 300 || response.status > 399 || response.status === 304) {
    if (hasSmallBody(response)) return response;
    return isEventStream(response) && asksForEvents(input, init) ? limitEvents(response) : limitAnswer(response);
  }
  await response.body?.cancel();
  const address = input instanceof Request ? input.url : String(input);
  return Response.json(redirected(address, response), {
    status: response.status,
    headers: { 'content-type': 'application/problem+json' },
  });
}

const MAX_ADDRESS = 200;

function redirected(address: string, { status, headers }: Response): Problem {
  const location = headers.get('location') ?? '';
  const target = URL.canParse(location, address) ? new URL(location, address).origin : 'another address';
  return {
    type: 'about:blank',
    title: 'Redirected',
    status,
    detail: `The server redirects to ${target.slice(0, MAX_ADDRESS)}. The key is not sent there.`,
    remedy: 'Set the URL to the final address of Errand, if you trust it.',
    code: 'redirected',
  };
}

/** Whether its header limits the body. The length of a compressed body is another one than that of its text. */
function hasSmallBody({ headers }: Response): boolean {
  const length = headers.get('content-length');
  return length !== null && Number(length) <= MAX_ANSWER_BYTES && !headers.has('content-encoding');
}

const isEventStream = ({ headers }: Response): boolean =>
  headers.get('content-type')?.startsWith('text/event-stream') ?? false;

/** The type of the answer alone does not decide: the caller may read a stream that it did not ask for to its end. */
function asksForEvents(input: string | URL | Request, init: RequestInit | undefined): boolean {
  const isRequest = input instanceof Request;
  const headers = new Headers(init?.headers ?? (isRequest ? input.headers : undefined));
  if (headers.get('accept')?.includes('text/event-stream')) return true;
  return new URL(isRequest ? input.url : input).pathname.endsWith('/sse');
}
