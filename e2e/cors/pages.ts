// Requests as browsers send them for pages of other origins, and the checks of their answers.
import http, { type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';

export const PAGE = 'https://app.example.com';
export const OTHER_PAGE = 'http://localhost:3000';
/** The value of ERRAND_CORS_ORIGINS. */
export const SETTING = [PAGE, OTHER_PAGE, 'http://[::1]:3000', 'https://xn--bcher-kva.example'].join(', ');

/** A list is sent as several headers. */
export type Headers = Readonly<Record<string, string | readonly string[]>>;
type Options = { method?: string; headers?: Headers; body?: string };
export type Send = (path: string, options?: Options) => Promise<Answer>;
export type Answer = { status: number; headers: IncomingHttpHeaders; text: string };

/** Sends requests with exactly the given headers. */
export const sender =
  (baseUrl: () => string): Send =>
  async (path, { method = 'GET', headers = {}, body } = {}) => {
    const options = { method, headers: headers as http.OutgoingHttpHeaders, agent: false };
    const request = http.request(`${baseUrl()}${path}`, options);
    request.end(body);
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      request.once('response', resolve).once('error', reject);
    });
    return { status: response.statusCode!, headers: response.headers, text: await text(response) };
  };

export const corsHeaders = ({ headers }: Answer): string[] =>
  Object.keys(headers).filter((name) => /^access-control-/.test(name));

export const vary = ({ headers }: Answer): string[] => headers.vary?.split(/, */) ?? [];

export function expectReadable(answer: Answer, origin = PAGE): void {
  expect(answer.headers).toMatchObject({
    'access-control-allow-origin': origin,
    'access-control-expose-headers':
      'retry-after, x-request-id, ratelimit, ratelimit-policy, idempotent-replayed, preference-applied, www-authenticate',
  });
  expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
  expect(vary(answer).filter((name) => name === 'origin')).toHaveLength(1);
}
