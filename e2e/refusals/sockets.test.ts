// What is no request, byte by byte: answered and closed, or cut off in time.
import { connect } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Place, startPlace } from '../fixtures/place.ts';

let place: Place;
beforeAll(async () => {
  place = await startPlace({ seed: false });
  return () => place.close();
});

type Talk = { text: string; ms: number };

/** Sends bytes, drips more of them once a second, and listens until the server closes. */
function talk(bytes: string, drip?: string): Promise<Talk> {
  const { hostname, port } = new URL(place.url);
  const started = Date.now();
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let text = '';
    const timer = drip === undefined ? undefined : setInterval(() => socket.writable && socket.write(drip), 1000);
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      resolve({ text, ms: Date.now() - started });
    });
  });
}

const post = (...headers: string[]) => `POST /v1/runs HTTP/1.1\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`;
const host = 'Host: errand';
const type = 'Content-Type: application/json';
const long = 'a'.repeat(32 * 1024);

describe.concurrent('raw connections', () => {
  test.each([
    [
      'Content-Length with Transfer-Encoding',
      `${post(host, type, 'Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
      400,
      'bad_request',
    ],
    ['two Content-Lengths', `${post(host, type, 'Content-Length: 2', 'Content-Length: 3')}{}`, 400, 'bad_request'],
    ['no Host', `${post(type, 'Content-Length: 2')}{}`, 400, 'bad_request'],
    ['no HTTP', 'hello\r\n\r\n', 400, 'bad_request'],
    ['a header of 32 KiB', post(host, `X-Long: ${long}`), 431, 'headers_too_large'],
    ['a URL of 32 KiB', `GET /${long} HTTP/1.1\r\n${host}\r\n\r\n`, 414, 'uri_too_long'],
  ])('%s is answered and the connection closed', async (_, bytes, status, code) => {
    const { text } = await talk(bytes);

    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text).toMatch(/content-type: application\/problem\+json/i);
    expect(text).toContain(`"code":"${code}"`);
  });

  test('TRACE is not served', async () => {
    const { text } = await talk(`TRACE /v1/runs HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1.1 40[45] /);
    expect(text).not.toContain('TRACE /v1/runs HTTP');
  });

  // The two limits of the service, 10 and 30 s, are no settings.
  test('headers that drip are cut off after 10 s', async () => {
    const { text, ms } = await talk(`GET /v1/runs HTTP/1.1\r\n${host}\r\nX-Slow: `, 'a');
    expect(text).toMatch(/^HTTP\/1.1 408 /);
    expect(text).toContain('"code":"request_timeout"');
    expect(ms).toBeGreaterThan(9_000);
    expect(ms).toBeLessThan(13_000);
  });

  test('a body that drips is cut off after 30 s', async () => {
    const { text, ms } = await talk(post(host, type, 'Content-Length: 1000'), ' ');
    expect(text).toMatch(/^HTTP\/1.1 408 /);
    expect(ms).toBeGreaterThan(29_000);
    expect(ms).toBeLessThan(35_000);
  });
});
