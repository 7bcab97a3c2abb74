import { execFile, execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { run } from '../log/event-fixtures.ts';
import type { Run } from '../log/phases.ts';
import { bodyOf, LANGUAGES, pythonOf, shellText, snippetOf } from './snippets.ts';

const ODD = `It's "odd": $HOME \`id\` \\n \${x} {{y}}\n日本 😀 \u2028`;
const errand = run({
  intent: ODD,
  context: '',
  userId: "o'brien",
  selectedCustomerIntegrationIds: ['*'],
  approvalStrategy: 'ON_WRITE',
  outputSchema: { type: 'object', required: [], nullable: false, default: null } as Run['outputSchema'],
  metadata: {},
});

it('leaves empty fields out of the request', () => {
  expect(Object.keys(bodyOf(errand))).toEqual([
    'intent',
    'userId',
    'selectedCustomerIntegrationIds',
    'approvalStrategy',
    'outputSchema',
  ]);
  expect(bodyOf({ ...errand, context: 'a=b', metadata: { team: 'x' } })).toMatchObject({
    context: 'a=b',
    metadata: { team: 'x' },
  });
});

it('writes any text as one word of a shell', () => {
  expect(execFileSync('sh', ['-c', `printf %s ${shellText(ODD)}`]).toString()).toBe(ODD);
});

it('writes values of JSON in Python', () => {
  expect(pythonOf({ a: [true, false, null, 1.5], b: {}, c: [] })).toBe(
    '{\n    "a": [\n        True,\n        False,\n        None,\n        1.5,\n    ],\n    "b": {},\n    "c": [],\n}',
  );
});

describe('snippetOf', () => {
  it.each(LANGUAGES)('keeps the key out of the program: %s', (language) => {
    const text = snippetOf(language, 'http://127.0.0.1:1', errand);
    expect(text).toContain('http://127.0.0.1:1/v1/runs');
    expect(text).toContain('ERRAND_API_KEY');
    expect(text).not.toContain('er_live');
  });

  it('sends the same request with curl and TypeScript', async () => {
    const received: { key: unknown; body: unknown }[] = [];
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        received.push({ key: request.headers['x-api-key'], body: JSON.parse(Buffer.concat(parts).toString()) });
        response.setHeader('content-type', 'application/json').end('{"status":"SUCCESS"}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      for (const [command, args] of [
        ['sh', ['-c', snippetOf('curl', origin, errand)]],
        // The one piece of TypeScript that JavaScript does not have.
        [
          process.execPath,
          ['--input-type=module', '-e', snippetOf('TypeScript', origin, errand).replace('KEY!', 'KEY')],
        ],
      ] as const)
        await runProgram(command, args);
      expect(received).toEqual([
        { key: 'secret', body: bodyOf(errand) },
        { key: 'secret', body: bodyOf(errand) },
      ]);
    } finally {
      server.close();
    }
  });
});

async function runProgram(command: string, args: readonly string[]): Promise<void> {
  const env = { PATH: process.env.PATH ?? '', ERRAND_API_KEY: 'secret' };
  await new Promise<void>((resolve, reject) =>
    execFile(command, args, { env }, (error) => (error ? reject(error) : resolve())),
  );
}
