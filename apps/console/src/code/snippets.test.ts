import { execFile, execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type RestRequest, requestOf } from './operation.ts';
import { LANGUAGES, type Language, pythonOf, shellText, snippetOf } from './snippets.ts';

const ODD = `It's "odd": $HOME \`id\` \\n \${x} {{y}}\n日本 😀 \u2028`;
const RUN = '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01';

describe('requestOf', () => {
  it('puts fields into the path, the query and the body', () => {
    expect(
      requestOf('runs.list', {
        status: ['FAILED', 'CANCELED'],
        metadata: { team: 'a&b' },
        q: 'x y',
        userId: undefined,
      }),
    ).toEqual({
      method: 'GET',
      path: '/v1/runs?status=FAILED&status=CANCELED&metadata%5Bteam%5D=a%26b&q=x+y',
      hasAnswer: true,
    });
    expect(requestOf('users.erase', { userId: 'a/b?c', erase: 'everything' })).toMatchObject({
      method: 'DELETE',
      path: '/v1/users/a%2Fb%3Fc?erase=everything',
    });
    expect(requestOf('approvals.decide', { approvalId: RUN, decision: 'deny', reason: ODD })).toEqual({
      method: 'POST',
      path: `/v1/approvals/${RUN}`,
      body: { decision: 'deny', reason: ODD },
      hasAnswer: true,
    });
  });

  it('knows which operations answer nothing, and which have no route', () => {
    expect(requestOf('webhooks.delete', { webhookId: RUN })).toMatchObject({ method: 'DELETE', hasAnswer: false });
    expect(requestOf('members.list', {})).toBeUndefined();
  });
});

it('writes any text as one word of a shell', () => {
  expect(execFileSync('sh', ['-c', `printf %s ${shellText(ODD)}`]).toString()).toBe(ODD);
});

it('writes values of JSON in Python', () => {
  expect(pythonOf({ a: [true, false, null, 1.5], b: {}, c: [], d: undefined })).toBe(
    '{\n    "a": [\n        True,\n        False,\n        None,\n        1.5,\n    ],\n    "b": {},\n    "c": [],\n}',
  );
});

type Received = { method: unknown; path: unknown; key: unknown; wait: unknown; body: unknown };

/** The requests that programs send to a server, which answers as the request says. */
async function receive({ hasAnswer }: RestRequest, send: (origin: string) => Promise<void>): Promise<Received[]> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const text = Buffer.concat(await request.toArray()).toString();
    const { method, url: path, headers } = request;
    const body = text === '' ? undefined : JSON.parse(text);
    received.push({ method, path, key: headers['x-api-key'], wait: headers.prefer, body });
    response.statusCode = hasAnswer ? 200 : 204;
    response.setHeader('content-type', 'application/json').end(hasAnswer ? '{"shown":true}' : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await send(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
  return received;
}

const commandOf = (language: Language, program: string): [string, string[]] => {
  if (language === 'curl') return ['sh', ['-c', program]];
  if (language === 'Python') return ['python3', ['-c', program]];
  // The one piece of TypeScript that JavaScript does not have.
  return [process.execPath, ['--input-type=module', '-e', program.replace('KEY!', 'KEY')]];
};

function outputOf([command, args]: [string, string[]]): Promise<string> {
  const env = { PATH: process.env.PATH ?? '', ERRAND_API_KEY: 'secret' };
  return new Promise((resolve, reject) =>
    execFile(command, args, { env }, (error, stdout) => (error ? reject(error) : resolve(stdout))),
  );
}

describe.each(LANGUAGES)('a program in %s', (language) => {
  const requests: RestRequest[] = [
    {
      method: 'POST',
      path: '/v1/runs',
      headers: { prefer: 'wait=30' },
      body: { intent: ODD, outputSchema: { required: [], nullable: false, default: null } },
      hasAnswer: true,
    },
    { method: 'GET', path: `/v1/runs?${new URLSearchParams({ q: ODD })}`, hasAnswer: true },
    { method: 'DELETE', path: '/v1/users/o%27brien', hasAnswer: false },
  ];

  it.each(requests)('sends the request, $method $path', async (request) => {
    const { method, path, body, headers, hasAnswer } = request;
    let output = '';
    const received = await receive(request, async (origin) => {
      output = await outputOf(commandOf(language, snippetOf(language, origin, request)));
    });
    expect(received).toEqual([{ method, path, key: 'secret', wait: headers?.prefer, body }]);
    if (hasAnswer) expect(output).toContain('shown');
  });

  it('keeps the key out of the program', () => {
    const text = snippetOf(language, 'http://127.0.0.1:1', requests[0]!);
    expect(text).toContain('http://127.0.0.1:1/v1/runs');
    expect(text).toContain('ERRAND_API_KEY');
    expect(text).not.toContain('er_live');
  });
});
