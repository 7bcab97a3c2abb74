// The way of a user: sign in, run an errand, find what it waits for, approve it, and look at the runs.
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CommandLine, commandLine, inTerminal } from '../fixtures/cli.ts';
import { openWorkspace, type Workspace } from '../fixtures/workspace.ts';

const INTENT = 'Log a call with Contoso for tomorrow at 10:00';

let workspace: Workspace;
let errand: CommandLine;
beforeAll(async () => {
  workspace = await openWorkspace();
  errand = commandLine();
});
afterAll(() => {
  errand.close();
  return workspace.close();
});

test('login reads the key from stdin, checks it, and stores it for its owner alone', async () => {
  const { code, out, err } = await errand(['login', workspace.url], { input: `${workspace.apiKey}\n` });
  expect(code).toBe(0);
  expect(out).toContain(`Signed in to ${workspace.url}`);
  expect(out + err).not.toContain(workspace.apiKey);
  const path = join(errand.configDir, 'profiles.json');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect((await errand(['whoami', '--json'])).out).toContain('"type": "api_key"');
});

test('an errand waits, is found by errand pending, and is approved by the end of its id', async () => {
  const created = await errand(['run', INTENT, '-u', 'ada', '--approve', 'on-write', '-f', '--no-wait']);
  expect(created.code).toBe(7);
  expect(created.err).toContain('✓ CRM: List accounts');
  expect(created.err).toMatch(/Waits for a person: Create an activity.*\n {2}errand approve [0-9a-f]{8}/);

  const pending = await errand(['pending', '--json']);
  const [request] = JSON.parse(pending.out).pending;
  expect(request).toMatchObject({ kind: 'call', userId: 'ada' });

  const approved = await errand(['approve', request.approvalId.slice(-8)]);
  expect(approved).toMatchObject({ code: 0, out: 'Approved.\n' });
  expect(approved.err).toContain('Contoso Ltd');

  expect((await errand(['watch', '@last'])).code).toBe(0);
  const runs = await errand(['runs']);
  expect(runs.out).toMatch(new RegExp(`^${request.runId}  ✓ success +${INTENT}`, 'm'));
  const details = await errand(['show', request.runId.slice(-6)]);
  expect(details.out).toContain('· approved');
  expect(details.out).toMatch(/^id +act_/m);
});

test('data are on stdout alone, in the form that was asked for', async () => {
  const quiet = await errand(['run', 'List all users', '-q']);
  expect(quiet.out).toMatch(/^[0-9a-f-]{36}\n$/);
  const json = await errand(['run', 'List all users', '--json', '-f']);
  expect(JSON.parse(json.out)).toMatchObject({ status: 'SUCCESS', intent: 'List all users' });
  const events = (await errand(['watch', '@last', '--jsonl'])).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events.map(({ type }) => type)).toEqual(['start', 'step', 'end']);
  const lines = (await errand(['runs', '--jsonl', '-n', '2'])).out.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).status)).toEqual(['SUCCESS', 'SUCCESS']);
});

test('at a terminal the person approves in place, and a changed call is sent as it was edited', async () => {
  const approved = await inTerminal(errand, ['run', INTENT, '-u', 'ada', '--approve', 'on-write', '-f'], {
    typed: [[/Approve\?[\s\S]*later/, 'y']],
  });
  expect(approved.code, approved.shown).toBe(0);
  expect(approved.shown).toContain('Approved.');

  const editor = join(errand.configDir, 'edit.mjs');
  writeFileSync(
    editor,
    `import { readFileSync, writeFileSync } from 'node:fs';
    const path = process.argv[2];
    writeFileSync(path, readFileSync(path, 'utf8').replace('Call with Contoso', 'Call about the offer'));`,
  );
  const edited = await inTerminal(errand, ['run', INTENT, '-u', 'ada', '--approve', 'on-write', '-f'], {
    typed: [
      [/Approve\?[\s\S]*later/, 'e'],
      [/Approve with these arguments\?/, 'y'],
    ],
    env: { VISUAL: `${process.execPath} ${editor}` },
  });
  expect(edited.code, edited.shown).toBe(0);
  expect(workspace.crm.data.activities.map(({ subject }) => subject)).toContain('Call about the offer');
});

test.each([40, 80, 200])('no line is wider than a terminal of %s columns', async (columns) => {
  for (const args of [
    ['runs'],
    ['show', '@last'],
    ['pending', '--full'],
    ['integrations'],
    ['integrations', 'tools', 'crm'],
  ]) {
    const { code, shown } = await inTerminal(errand, args, { columns });
    expect(code, shown).toBe(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colors take no columns
    const widths = shown.split('\n').map((line) => [...line.replaceAll(/\x1b\[[\d;]*m/g, '')].length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
  }
});

test('a list is a table at 80 columns, and has whole ids at 200 and in a pipe', async () => {
  const narrow = await inTerminal(errand, ['runs'], { env: { NO_COLOR: '1' } });
  expect(narrow.shown).toMatch(/^run +status +intent +user +created$/m);
  expect(narrow.shown).toMatch(/^[0-9a-f]{8} {2}/m);
  for (const text of [
    (await inTerminal(errand, ['runs', '--no-color'], { columns: 200 })).shown,
    (await errand(['runs'])).out,
  ])
    expect(text).toMatch(/^[0-9a-f-]{36} {2}/m);
});
