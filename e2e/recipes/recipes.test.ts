// The programs of docs/recipes.md, against the service.
import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { slowTest } from '../fixtures/combine.ts';
import { aFolder, startProgram } from '../fixtures/program.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { connectTo } from './plain-fetch.js';

const root = join(import.meta.dirname, '..', '..');
const pathOf = (name: string) => join(import.meta.dirname, name);
const page = readFileSync(join(root, 'docs', 'recipes.md'), 'utf8');

let stack: Stack;
let api: Api;
beforeAll(async () => {
  stack = await startStack();
  api = overRest(stack);
  return () => stack.close();
});

const logACall = {
  intent: 'Log a call with Contoso for tomorrow at 10:00',
  selectedCustomerIntegrationIds: ['*'],
  userId: 'ana',
  approvalStrategy: 'ON_WRITE',
};

/** The output of a program of Node, which gets the address and the key of the service. */
async function output(...args: string[]): Promise<string> {
  const env = { ERRAND_URL: stack.url, ERRAND_API_KEY: stack.apiKey };
  const program = startProgram(aFolder(), args, { env });
  const { code } = await program.ended;
  expect([code, program.errors()]).toEqual([0, '']);
  return program.output();
}

test.each([
  'plain-fetch.js',
  'watch-and-approve.mjs',
  'generated-client.ts',
  'openapi-ts.config.mjs',
  'mcp-client.mjs',
])('the page shows %s', (name) => expect(page).toContain(readFileSync(pathOf(name), 'utf8').trimEnd()));

test('with fetch: a run is created, approved and watched', async () => {
  const printed = await output(pathOf('watch-and-approve.mjs'));
  expect(printed).toMatch(/^1 start RUNNING\n(\d+ \w+ \w+\n)*\d+ step PAUSED\n(\d+ \w+ \w+\n)*\d+ end SUCCESS\n$/);
});

slowTest('with fetch: each event is received once over a kill of the service', async () => {
  const errand = connectTo({ url: stack.url, getToken: async () => stack.apiKey });
  const { runId } = await errand.createRun(logACall);
  const seqs: number[] = [];
  for await (const event of errand.watchRun(runId)) {
    seqs.push(event.seq);
    if (event.step?.approval !== 'PENDING') continue;
    await stack.restart();
    await errand.decide(event.step.approvalId, { decision: 'approve' });
  }
  const { events } = await api.runs.events({ runId, after: 0 });
  expect(seqs).toEqual(events.map(({ seq }) => seq));
  expect(events.at(-1)).toMatchObject({ type: 'end', runStatus: 'SUCCESS' });
});

slowTest('with fetch: another token is asked for once a token has ended; other refusals are final', async () => {
  const { key, apiKeyId } = await api.apiKeys.create({ name: 'soon revoked', scopes: ['runs:read', 'runs:write'] });
  const tokens = [`er_user_${'x'.repeat(38)}`, key, stack.apiKey];
  const errand = connectTo({ url: stack.url, getToken: async () => tokens.shift() ?? '' });
  await expect(errand.createRun(logACall)).rejects.toMatchObject({ problem: { code: 'unauthenticated' } });
  await errand.createRun(logACall);
  await api.apiKeys.revoke({ apiKeyId });
  await errand.createRun(logACall);
  expect(tokens).toEqual([]);
  await expect(errand.createRun({ ...logACall, intent: '' })).rejects.toMatchObject({
    problem: { code: 'validation_failed' },
  });
});

// The generator and the compiler work for seconds, and much longer on a busy machine.
slowTest(
  'with a generated client: the generated code is strict, and carries out an errand',
  {
    timeout: 400_000,
  },
  async () => {
    const folder = aFolder();
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'openapi.json'), await (await fetch(`${stack.url}/openapi.json`)).text());
    for (const name of ['generated-client.ts', 'openapi-ts.config.mjs']) copyFileSync(pathOf(name), join(folder, name));
    const bin = join(root, 'e2e', 'node_modules', '.bin');
    const run = promisify(execFile);
    await run(join(bin, 'openapi-ts'), [], { cwd: folder });
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules', '@types')];
    const options = ['--strict', '--module', 'nodenext', '--target', 'es2023', '--outDir', 'built'];
    const compiled = await run(join(bin, 'tsc'), [...options, ...types, 'generated-client.ts'], { cwd: folder }).catch(
      (error) => error,
    );
    expect(compiled.stdout).toBe('');

    const printed = await output(join(folder, 'built', 'generated-client.js'));

    expect(printed).toMatch(
      /^1 start RUNNING\n(\d+ \w+ \w+\n)*\d+ step PAUSED\n(\d+ \w+ \w+\n)*\d+ end SUCCESS\nSUCCESS\n$/,
    );
  },
);

test('with an MCP client: the tools are listed, and an errand is approved', async () => {
  const printed = await output(pathOf('mcp-client.mjs'));
  expect(printed).toMatch(/^list_integrations .*decide.*\n(RUNNING|PAUSED)\nCreate an activity .*\nSUCCESS\n$/);
});
