// Every exit code of docs/cli.md, each from a command of its own.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aPlan } from '../fixtures/builders.ts';
import { type CliOptions, type CommandLine, commandLine, commandLineForTest } from '../fixtures/cli.ts';
import { overRest } from '../fixtures/transports.ts';
import { openWorkspace, type Workspace } from '../fixtures/workspace.ts';

let workspace: Workspace;
let errand: CommandLine;
let crm: string;
beforeAll(async () => {
  workspace = await openWorkspace();
  errand = commandLine(workspace);
  const { integrations } = await overRest(workspace).integrations.list({ pageSize: 10 });
  crm = integrations[0]!.customerIntegrationId;
});
afterAll(() => {
  errand.close();
  return workspace.close();
});

const ACTIVITY = { type: 'call', accountId: 'acc_000002', subject: 'Call', scheduledAt: '2026-12-01T10:00:00Z' };
const WRITE = ['run', 'Log a call with Contoso for tomorrow at 10:00', '--approve', 'on-write'];
/** Runs a plan from stdin. */
const planned = (steps: object[], more: object = {}) =>
  [
    ['run', 'Do it', '--plan', '-', '-f'],
    { input: JSON.stringify({ ...aPlan(`${crm}.listUsers`), steps, ...more }) },
  ] as const;

type Case = [code: number, meaning: string, () => readonly [readonly string[], CliOptions?]];
const cases: Case[] = [
  [0, 'SUCCESS', () => [['run', 'List all users', '-f']]],
  [1, 'an error', () => [['show', '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01']]],
  [1, 'no service', () => [['runs'], { env: { ERRAND_URL: 'http://127.0.0.1:9' } }]],
  [2, 'an unknown option', () => [['runs', '--nonsense']]],
  [2, 'a wrong value', () => [['runs', '--status', 'nonsense']]],
  [2, 'an unknown command', () => [['nonsense']]],
  [3, 'FAILED', () => planned([{ id: 'user', tool: `${crm}.getUser`, args: { path: { userId: 'nobody' } } }])],
  [4, 'no key', () => [['runs'], { env: { ERRAND_URL: '', ERRAND_API_KEY: '' } }]],
  [5, 'NO_SUCCESS', () => [['run', 'Paint the moon green', '-f']]],
  [
    6,
    'PARTIAL_SUCCESS',
    () =>
      planned([
        { id: 'activity', tool: `${crm}.createActivity`, args: { body: ACTIVITY } },
        { id: 'user', tool: `${crm}.getUser`, args: { path: { userId: 'nobody' } }, dependsOn: ['activity'] },
      ]),
  ],
  [7, 'it waits for a person', () => [[...WRITE, '-f', '--no-wait']]],
  [9, 'a timeout', () => [[...WRITE, '--wait', '1']]],
];

test.each(cases)('%i: %s', async (code, _, make) => {
  const [args, options] = make();
  const outcome = await errand(args, options);
  expect(outcome, outcome.out + outcome.err).toMatchObject({ code });
});

test('8: CANCELED', async () => {
  const { out } = await errand([...WRITE, '-q']);
  expect((await errand(['cancel', out.trim()])).code).toBe(0);
  expect((await errand(['watch', out.trim()])).code).toBe(8);
});

test('4: a key without the scope', async () => {
  const { out: key } = await errand(['keys', 'create', 'reader', '--scope', 'runs:read']);
  const outcome = await commandLineForTest({ url: workspace.url, apiKey: key.trim() })(['run', 'List all users']);
  expect(outcome).toMatchObject({ code: 4, err: expect.stringContaining('runs:write') });
});

test('130: Ctrl-C ends the watching, not the run', async () => {
  let isSent = false;
  const outcome = await errand([...WRITE, '-f'], {
    onErr: (text, child) => {
      if (isSent || !text.includes('Waits for a person')) return;
      isSent = true;
      child.kill('SIGINT');
    },
  });
  expect(outcome).toMatchObject({
    code: 130,
    err: expect.stringMatching(/The run goes on: errand watch [0-9a-f-]{36}/),
  });
  expect(JSON.parse((await errand(['show', '@last', '--json'])).out).run.status).toBe('PAUSED');
});

test('docs/cli.md lists these codes', () => {
  const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
  const listed = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(listed).toEqual([...new Set([...cases.map(([code]) => code), 8, 130])].sort((a, b) => a - b));
});
