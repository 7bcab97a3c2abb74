// Byte sequences that are not requests: answered and closed.
import { beforeAll, describe, expect, test } from 'vitest';
import { talk } from '../fixtures/talk.ts';
import { openWorkspace, type Workspace } from '../fixtures/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace({ seed: false });
  return () => workspace.close();
});

const post = (...headers: string[]) => `POST /v1/runs HTTP/1.1\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`;
const HOST = 'Host: errand';
const TYPE = 'Content-Type: application/json';
const long = 'a'.repeat(32 * 1024);

describe.concurrent('raw connections', () => {
  test.each([
    [
      'Content-Length with Transfer-Encoding',
      `${post(HOST, TYPE, 'Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
      400,
      'bad_request',
    ],
    ['two Content-Lengths', `${post(HOST, TYPE, 'Content-Length: 2', 'Content-Length: 3')}{}`, 400, 'bad_request'],
    ['no Host', `${post(TYPE, 'Content-Length: 2')}{}`, 400, 'bad_request'],
    ['no HTTP', 'hello\r\n\r\n', 400, 'bad_request'],
    ['a header of 32 KiB', post(HOST, `X-Long: ${long}`), 431, 'headers_too_large'],
    ['a URL of 32 KiB', `GET /${long} HTTP/1.1\r\n${HOST}\r\n\r\n`, 414, 'uri_too_long'],
  ])('%s is answered and the connection closed', async (_, bytes, status, code) => {
    const { text } = await talk(workspace.url, bytes);

    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text).toMatch(/content-type: application\/problem\+json/i);
    expect(text).toContain(`"code":"${code}"`);
  });

  test('TRACE is not served', async () => {
    const { text } = await talk(workspace.url, `TRACE /v1/runs HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1.1 405 /);
    expect(text).toMatch(/^allow: .*GET.*POST/im);
    expect(text).toContain('"code":"method_not_allowed"');
    expect(text).not.toContain('TRACE /v1/runs HTTP');
  });
});
