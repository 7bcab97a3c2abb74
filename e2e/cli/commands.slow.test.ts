// Each command with output of its own, against a real service.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { type CliOptions, type CommandLine, commandLine, inTerminal } from '../fixtures/cli.ts';
import { json } from '../fixtures/stub.ts';
import { overRest } from '../fixtures/transports.ts';
import { openWorkspace, startCallableStub, type Workspace } from '../fixtures/workspace.ts';

let workspace: Workspace;
let errand: CommandLine;
beforeAll(async () => {
  workspace = await openWorkspace({ seed: false });
  errand = commandLine(workspace);
});
afterAll(() => {
  errand.close();
  return workspace.close();
});

/** The output of a command that succeeds. */
async function ok(args: readonly string[], options?: CliOptions): Promise<string> {
  const { code, out, err } = await errand(args, options);
  expect(code, `${args.join(' ')}\n${out}${err}`).toBe(0);
  return out;
}
const data = async (args: readonly string[], options?: CliOptions) =>
  JSON.parse(await ok([...args, '--json'], options));

describe('integrations', () => {
  test('are registered by a URL with a token from stdin, listed, tested and refreshed', async () => {
    const { documentUrl, token } = workspace.crm;
    const added = await ok(['integrations', 'add', documentUrl, '--name', 'CRM', '--token'], { input: token });
    expect(added).toMatch(/^CRM \(crm_[0-9a-f]{8}\) at 127\.0\.0\.1:\d+: \d+ of 26 tools are enabled\.$/m);
    expect(await ok(['integrations'])).toMatch(/^CRM +crm_\w+ +\d+\/26 +API_TOKEN/m);
    expect(await ok(['integrations', 'test', 'crm'])).toMatch(
      /^The service accepted the credential\.\n.*listAccounts answered 200/,
    );
    expect(await ok(['integrations', 'refresh', 'CRM'])).toContain('CRM (crm_');
  });

  test('have tools that are enabled and disabled by their names', async () => {
    const enabled = async () =>
      (await data(['integrations', 'tools', 'crm', '--enabled'])).tools.map(
        ({ name }: { name: string }) => name.split('.')[1],
      );
    expect(await enabled()).not.toContain('createActivity');
    await ok(['integrations', 'tools', 'crm', '--enable', 'createActivity', '--disable', 'listUsers']);
    expect(await enabled()).toContain('createActivity');
    expect(await enabled()).not.toContain('listUsers');
    await ok(['integrations', 'tools', 'crm', '--enable', 'all']);
    expect(await ok(['integrations', 'tools', 'crm'])).toMatch(/^createActivity +yes +write +Create an activity/m);
  });

  test('are registered by a file, and removed', async () => {
    const stub = await startCallableStub({ listThings: { answer: (response) => json(response, []) } });
    const path = join(errand.configDir, 'things.json');
    writeFileSync(path, stub.document);
    expect(await ok(['integrations', 'add', path, '--name', 'Things'])).toContain('Things (things_');
    const user = await ok(['connect', 'things', '-u', 'ada', '--token'], { input: 't0ken' });
    expect(user).toBe('ada is connected to Things.\n');
    await ok(['integrations', 'remove', 'things']);
    expect(await ok(['integrations'])).not.toContain('Things');
    await stub.close();
  });

  test('are connected on a page, which is printed', async () => {
    const { documentUrl } = workspace.crm;
    await ok(['integrations', 'add', documentUrl, '--name', 'Own tokens']);
    expect(await ok(['connect', 'own', '-u', 'ada', '--no-wait'])).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/v1\/connect\?token=\S+\n$/,
    );
    expect(await errand(['connect', 'own', '-u', 'ada', '--timeout', '1'])).toMatchObject({ code: 9 });
    await ok(['integrations', 'remove', 'own']);
  });
});

describe('runs', () => {
  test('are previewed without a trace', async () => {
    const preview = await ok(['run', 'List all users', '--preview']);
    expect(preview).toMatch(/1 call, 0 writes/);
    expect((await data(['runs'])).runs).toEqual([]);
  });

  test('are run again, and canceled', async () => {
    await ok(['run', 'List all users', '-f', '-i', 'crm', '--metadata', 'team=sales']);
    const { runId } = (await data(['api', 'runs.list', 'metadata.team=sales', 'pageSize=1'])).runs[0];
    expect(await ok(['rerun', runId, '-f'])).toContain('✓ success');
    expect(await ok(['rerun', runId, '--from', 'users', '--preview'])).toMatch(/^runs again {2}.*List users/m);
    const later = (await ok(['run', 'List all users', '--start-at', '2027-01-01T00:00:00Z', '-q'])).trim();
    expect(await ok(['cancel', later])).toBe(`${later}  canceled\n`);
    expect(await errand(['cancel', runId])).toMatchObject({
      code: 1,
      out: expect.stringContaining('run_already_finished'),
    });
    expect(await ok(['runs', '--status', 'canceled', '--since', '1h', '-q'])).toBe(`${later}\n`);
  });

  test('that ask are answered by the number of a choice', async () => {
    const { customerIntegrationId } = (await data(['integrations'])).integrations[0];
    const steps = [{ id: 'which', tool: 'errand.ask', args: { question: 'Which?', choices: ['north', 'south'] } }];
    const plan = { ...aPlan(`${customerIntegrationId}.listUsers`), steps, result: { $: 'steps.which.output' } };
    const waiting = await errand(['run', 'Ask', '--plan', '-', '-f', '--no-wait'], { input: JSON.stringify(plan) });
    expect(waiting).toMatchObject({ code: 7, err: expect.stringContaining('errand answer') });
    expect(await errand(['answer', '@last', 'west'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('2 south'),
    });
    expect(await ok(['answer', '@last', '2'])).toBe('Answered.\n');
    expect(await ok(['watch'])).toContain('south');

    const path = join(errand.configDir, 'plan.json');
    writeFileSync(path, JSON.stringify(plan));
    const asked = await inTerminal(errand, ['run', 'Ask', '--plan', path, '-f'], {
      typed: [[/north[\s\S]*south[\s\S]*south/, '\r']],
    });
    expect(asked).toMatchObject({ code: 0, shown: expect.stringContaining('Answered.') });
  });

  test('that wait are denied with a reason', async () => {
    await errand(['run', 'Log a call with Contoso for tomorrow at 10:00', '--approve', 'on-write', '-f', '--no-wait']);
    expect(await ok(['deny', '@last', '-m', 'Not now'])).toBe('Denied.\n');
    expect(await errand(['watch'])).toMatchObject({ err: expect.stringContaining('Not now') });
  });
});

test('uncertain calls are decided together, after a person or --yes has confirmed their number', async () => {
  const stub = await startCallableStub({ vanish: { method: 'POST', answer: (response) => void response.destroy() } });
  const api = overRest(workspace);
  const integration = { name: 'Lost', kind: 'openapi', document: stub.document, auth: { type: 'NONE' } } as const;
  const { customerIntegrationId: id } = await api.integrations.create(integration);
  const plan = aPlan(`${id}.vanish`);
  for (const userId of ['ada', 'ada', 'ben'])
    await api.runs.create(aRun({ userId, selectedCustomerIntegrationIds: [id], plan }));
  const open = async () => (await data(['pending', '--kind', 'effect'])).pending.length;
  await expect.poll(open, { timeout: 60_000 }).toBe(3);

  const decide = ['pending', 'decide', 'skip', '--integration', 'lost'];
  const alone = await errand(decide);
  expect([alone.code, alone.err]).toEqual([2, expect.stringContaining('Repeat the command with --yes 3.')]);
  const wrong = await errand([...decide, '--yes', '2']);
  expect([wrong.code, wrong.err]).toEqual([
    1,
    expect.stringContaining('3 requests match, not 2. This request decided nothing.'),
  ]);
  expect(await open()).toBe(3);
  expect(await ok([...decide, '--user', 'ben', '--yes', '1', '-m', 'Looked.'])).toBe('Decided 1 uncertain call.\n');
  const refused = await inTerminal(errand, decide, { typed: [[/Decide all 2: skip\?/, 'n']] });
  expect(refused.shown).toContain('Nothing was decided.');
  const { code, shown } = await inTerminal(errand, decide, { typed: [[/Decide all 2: skip\?/, 'y']] });
  expect([code, shown]).toEqual([0, expect.stringContaining('Decided 2 uncertain calls.')]);
  expect(await open()).toBe(0);
  await stub.close();
});

test('rules, schedules, actions and webhooks are created, listed and ended', async () => {
  const { customerIntegrationId } = (await data(['integrations'])).integrations[0];
  const tool = `${customerIntegrationId}.createActivity`;
  const rule = (await ok(['rules', 'create', tool, '-q'])).trim();
  expect(await ok(['rules'])).toMatch(new RegExp(`^${rule} +${tool} +every user +all +active`, 'm'));
  await ok(['rules', 'revoke', rule.slice(-8)]);

  const schedule = (await ok(['schedules', 'create', '0 9 * * 1', 'List all users', '-q'])).trim();
  expect(await ok(['schedules', 'pause', schedule])).toContain('is paused.');
  expect(await ok(['schedules', 'run', schedule, '-f'])).toContain('✓ success');
  expect((await ok(['schedules', 'preview', '0 9 * * 1'])).trim().split('\n')).toHaveLength(5);
  await ok(['schedules', 'delete', schedule]);

  await ok(['run', 'List the deals of Northwind', '-f']);
  await ok(['actions', 'save', 'deals']);
  expect(await ok(['actions'])).toMatch(/^deals +List the deals of Northwind +active/m);
  const { values } = await data(['actions', 'show', 'deals']);
  const inputs = values
    .filter(({ bound }: { bound: boolean }) => bound)
    .map(({ name }: { name: string }) => `${name}=Contoso`);
  expect(await ok(['actions', 'run', 'deals', ...inputs])).not.toBe('');
  await ok(['actions', 'delete', 'deals']);

  const secret = await ok(['webhooks', 'create', 'https://app.example.com/hooks', '-e', 'run.end']);
  expect(secret).toMatch(/^whsec_\S+\n$/);
  await ok(['webhooks', 'create', 'https://app.example.com/traced', '--traceparent']);
  const [traced, { webhookId }] = (await data(['webhooks'])).webhooks;
  expect(traced).toMatchObject({ url: 'https://app.example.com/traced', traceparent: true });
  expect(await ok(['webhooks', 'rotate', webhookId])).not.toBe(secret);
  await ok(['webhooks', 'deliveries', webhookId]);
  await ok(['webhooks', 'delete', webhookId]);
});

test('keys, users, the audit log and usage are shown', async () => {
  const created = await errand(['keys', 'create', 'reader', '--scope', 'runs:read']);
  expect(created).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^er_live_\S+\n$/),
    err: expect.stringContaining('shown this once'),
  });
  const { apiKeyId } = (await data(['keys'])).apiKeys.find(({ name }: { name: string }) => name === 'reader');
  expect(await ok(['keys', 'rotate', apiKeyId, '--overlap', '0'])).not.toBe(created.out);
  expect(await ok(['keys'])).toMatch(/^[0-9a-f-]{36} +reader +…\S{4} +runs:read/m);
  const account = (await data(['runs', '-n', '1'])).runs[0].userId;
  expect(await ok(['users'])).toContain(account);
  expect(await errand(['users', 'erase', account])).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
  expect(await ok(['users', 'erase', 'ada', '--yes'])).toContain('Removed from');
  expect(await ok(['audit', '--action', 'api_key.created'])).toMatch(/api_key\.created/);
  expect(await ok(['audit', '--verify'])).toMatch(/sealed entries are unchanged/);
  expect(await ok(['usage', '--by', 'status'])).toMatch(/^SUCCESS +\d+/m);
});

test('agents get a configuration with the name of a variable, and shells their completion', async () => {
  for (const client of ['claude-code', 'cursor', 'vscode']) {
    const configuration = await ok(['mcp', client, '-u', 'ada']);
    expect(JSON.stringify(JSON.parse(configuration))).toMatch(
      /"x-api-key":"\$\{(env:)?ERRAND_API_KEY\}","x-user-id":"ada"/,
    );
    expect(configuration).not.toContain(workspace.apiKey);
  }
  for (const shell of ['bash', 'zsh', 'fish']) expect(await ok(['completion', shell])).toContain('schedules preview');
  expect(await ok(['open', 'runs'])).toBe(`${workspace.url}/console/runs\n`);
  expect(await ok(['help', 'approve'])).toContain('--always');
});

test('errand api streams the items of a subscription as lines', async () => {
  const runId = (await ok(['run', 'List all users', '-q', '--wait', '30'])).trim();
  const events = (await ok(['api', 'runs.stream', `runId=${runId}`]))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).type);
  expect(events.filter((type) => type !== 'progress')).toEqual(['start', 'step', 'end']);
});
