import type { Problem } from '@errand/trpc-openapi/contract';

/**
 * A `fetch` that does not follow redirects: the key in the headers of the request would go to the address that the answer names.
 * @returns the answer; for a redirect a problem document that says where it leads
 */
export async function fetchHere(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, { ...init, redirect: 'manual' });
  if (response.status < 300 || response.status > 399 || response.status === 304) return response;
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
