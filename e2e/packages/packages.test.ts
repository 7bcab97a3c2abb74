// Strangers install the packages: tarballs in a folder outside the repository, with plain npm, at both ends of the ranges of peers.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../fixtures/free-port.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { entriesOf, loaded, programOfEntries } from './entries.ts';
import { bytesIn, Outside, only, packAll } from './outside.ts';
import { type Snippet, snippetsOf } from './snippets.ts';

const KB = 1000;
/** Sizes as measured, and a tenth more. */
const limits: Record<string, { packed: number; unpacked: number }> = {
  client: { packed: 118 * KB, unpacked: 845 * KB },
  contracts: { packed: 292 * KB, unpacked: 2685 * KB },
  react: { packed: 12 * KB, unpacked: 36 * KB },
  'trpc-openapi': { packed: 54 * KB, unpacked: 182 * KB },
};
const names = Object.keys(limits);
const ours = names.map((name) => `@errand/${name}`);
const forClients = ['client', 'contracts', 'trpc-openapi'];
/** All that npm installs for a client without tRPC. */
const installedForClients = [
  ...forClients.map((name) => `@errand/${name}`),
  ...['@stablelib/base64', 'eventsource', 'eventsource-parser', 'fast-sha256', 'openapi-fetch'],
  ...['openapi-typescript-helpers', 're2js', 'standardwebhooks', 'zod'],
];
const bytesForClients = 12_200 * KB;

const compiler = ['typescript@7', '@types/node@20'];
const ends = [
  {
    end: 'the newest',
    peers: ['@trpc/client', '@trpc/server', 'fastify', 'zod', 'zod-openapi@5', 'react', '@types/react'],
    fault: undefined,
    recipes: [],
  },
  {
    end: 'the lowest',
    // The first brings @trpc/client and @trpc/server in its own version, the first one of the range.
    peers: [
      ...['@trpc/tanstack-react-query@11.22.1', '@tanstack/react-query@5', 'fastify@5.0.0', 'zod@4.1.0'],
      ...['zod-openapi@5.4.0', 'react@18', 'react-dom@18', '@types/react@18', '@types/react-dom@18'],
    ],
    // Types of tRPC 11.22 use those of Node and of `ws`, which it does not require.
    fault: /^node_modules\/@trpc\/server\/dist\/(ws|index)-.*: Cannot find (module 'ws'|name 'http2?')/,
    recipes: ['recipes'],
  },
];

let tarballs: string[];
let stack: Stack;
beforeAll(async () => {
  [tarballs, stack] = await Promise.all([packAll(), startStack()]);
});
afterAll(async () => {
  await stack?.close();
  if (tarballs?.[0]) await rm(dirname(tarballs[0]), { recursive: true });
});

/** An empty project with the tarballs of these packages, for one test. */
async function emptyProject(...packages: string[]): Promise<Outside> {
  const outside = await Outside.create(only(tarballs, packages));
  onTestFinished(() => outside.remove());
  return outside;
}

/** Starts a compiled snippet that does not end, until the test does. */
function serve(outside: Outside, file: string, port: number): ChildProcess {
  const child = outside.start([programOf(file)], { PORT: String(port), ERRAND_WEBHOOK_SECRET: 'whsec_c2VjcmV0' });
  onTestFinished(async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  });
  return child;
}

const programOf = (file: string) => `out/snippets/${file.replace('.ts', '.js')}`;

test('the tarballs can be published, and are small', async () => {
  const outside = await emptyProject();
  expect(tarballs.map((path) => basename(path).replace(/-\d.*/, ''))).toEqual(names.map((name) => `errand-${name}`));
  for (const [name, { packed, unpacked }] of Object.entries(limits)) {
    const [tarball = ''] = only(tarballs, [name]);
    const output = await outside.npm('publish', '--dry-run', '--json', tarball);
    const published = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
    expect((await stat(tarball)).size, name).toBeLessThan(packed);
    expect(published.unpackedSize ?? published[`@errand/${name}`].unpackedSize, name).toBeLessThan(unpacked);
  }
});

test('a client without tRPC needs no package of servers', async () => {
  const outside = await emptyProject(...forClients);
  const output = await outside.install();
  const installed = await outside.installed();
  const bytes = await bytesIn(outside.path('node_modules'));

  expect(output).not.toMatch(/EBADENGINE|ERESOLVE/);
  expect(installed.map(({ name }) => name)).toEqual(installedForClients);
  expect(bytes).toBeLessThan(bytesForClients);
  const entries = ['@errand/client/browser', '@errand/client/rest'];
  await outside.write('entries.mjs', programOfEntries(entries));
  expect(await outside.node('entries.mjs')).toBe(loaded(entries));

  await outside.addPrograms();
  await outside.write('browser/entries.ts', programOfEntries(entries));
  await outside.npm('install', 'typescript@7');
  expect(await outside.compile('tsconfig.browser.json', '--skipLibCheck')).toEqual([]);
  await outside.npm('install', '@trpc/server');
  expect(await outside.compile('tsconfig.browser.json')).toEqual([]);
});

describe.each(ends)('with $end versions of peers', ({ peers, fault, recipes }) => {
  let outside: Outside;
  let output: string;
  let entries: string[];
  let snippets: Snippet[];
  const errorsOf = async (config: string) => (await outside.compile(config)).filter((line) => !fault?.test(line));
  beforeAll(async () => {
    outside = await Outside.create(tarballs);
    output = await outside.install(...peers, ...compiler);
    await outside.addPrograms(...recipes);
    Object.assign(outside.env, { ERRAND_URL: stack.url, ERRAND_API_KEY: stack.apiKey });
    await outside.write('.errand/dev.json', JSON.stringify({ url: stack.url, apiKey: stack.apiKey }));
    entries = (await Promise.all(ours.map((name) => entriesOf(outside, name)))).flat();
    const readmes = ours.map((name) => snippetsOf(outside.path('node_modules', name, 'README.md'), basename(name)));
    snippets = (await Promise.all(readmes)).flat();
    const forBrowsers = entries.filter((entry) => entry !== '@errand/trpc-openapi');
    await outside.write('entries.ts', programOfEntries(entries));
    await outside.write('browser/entries.ts', programOfEntries(forBrowsers));
    for (const { file, code } of snippets) {
      await outside.write(`${file.endsWith('.tsx') ? 'browser' : 'snippets'}/${file}`, code);
    }
    expect(await errorsOf('tsconfig.json')).toEqual([]);
  });
  afterAll(() => outside?.remove());

  test('npm installs no other package of ours, and nothing of the repository', async () => {
    const installed = await outside.installed();
    expect(output).not.toContain('ERESOLVE');
    expect(
      installed
        .map(({ name }) => name)
        .filter((name) => /errand/.test(name))
        .sort(),
    ).toEqual(ours);
    for (const { realpath } of installed) expect(realpath).toContain(outside.folder);
  });

  test('all entries compile for browsers', async () => {
    expect(await errorsOf('tsconfig.browser.json')).toEqual([]);
  });

  test('Node loads all entries', async () => {
    expect(await outside.node('out/entries.js')).toBe(loaded(entries));
  });

  test('the snippets of the READMEs print what they promise', async () => {
    const programs = snippets.filter(({ file }) => file.endsWith('.ts'));
    expect(programs.length).toBeGreaterThan(4);
    for (const { file, gives } of programs) {
      if (gives) expect(await outside.node(programOf(file)), file).toMatch(gives);
    }
  });

  test('the receivers of webhooks in the READMEs refuse a request without a signature', async () => {
    const receivers = snippets.filter(({ serves }) => serves);
    expect(receivers).toHaveLength(1);
    for (const { file } of receivers) {
      const port = await freePort();
      serve(outside, file, port);
      const answer = await vi.waitFor(() => fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: '{}' }), {
        timeout: 60_000,
      });
      expect(answer.status).toBe(400);
    }
  });

  test.each(['trpc', 'rest'])('a program carries out an errand over %s', async (transport) => {
    const { types, ...rest } = JSON.parse(await outside.node(`out/errand-over-${transport}.js`));
    expect(types).toEqual(expect.arrayContaining(['step', 'run_action', 'end']));
    expect(types.indexOf('run_action')).toBeLessThan(types.indexOf('end'));
    expect(rest).toMatchObject({
      status: 'SUCCESS',
      refused: transport === 'trpc' ? 'not_found' : 'validation_failed',
    });
  });

  test('the server in the README of the adapter answers over tRPC and REST', async () => {
    const server = serve(outside, 'server.ts', 0);
    const [url] = await once(server.stdout!.setEncoding('utf8'), 'data');
    expect(JSON.parse(await outside.node('out/read-notes.js', url.trim()))).toEqual({
      text: 'ann: Buy milk',
      refused: 'unauthenticated',
      rest: { id: expect.any(String), text: 'ann: Buy milk' },
      operations: ['/v1/notes/{id}', '/v1/notes', '/v1/notes/events'],
    });
  });

  if (recipes.length > 0)
    test('the recipe for TanStack Query renders the runs', async () => {
      await outside.node('out/errand-over-rest.js');
      expect(await outside.node('out/recipes/render.js')).toContain('Log a call with Contoso');
    });
});
