// What the command line does not do with a key, and with texts of runs.
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { commandLineForTest, inTerminal } from '../fixtures/cli.ts';

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const KEY = 'er_live_secret-of-the-test';
const session = { caller: { type: 'api_key', id: 'k', label: 'key' }, workspaces: [], scopes: [], version: '1' };
const answer = (data: unknown) => JSON.stringify({ result: { data } });

test('no key goes over plain http beyond this machine', async () => {
  const errand = commandLineForTest();
  for (const url of ['http://errand.example.com', 'http://127.0.0.1.example.com', 'http://10.0.0.1:4000']) {
    expect(await errand(['login', url], { input: KEY })).toMatchObject({
      code: 2,
      err: expect.stringContaining('plain http'),
    });
    const outcome = await errand(['runs'], { env: { ERRAND_URL: url, ERRAND_API_KEY: KEY } });
    expect(outcome).toMatchObject({ code: 2, err: expect.stringContaining('plain http') });
  }
});

test('the key of a profile stays with its origin, also over a redirect', async () => {
  const requests: string[] = [];
  const stranger = await serve((request, response) => {
    requests.push(String(request.headers['x-api-key']));
    response.end(answer(session));
  });
  let redirects = false;
  const url = await serve(({ url: path }, response) => {
    if (redirects) response.writeHead(307, { location: `${stranger}${path}` }).end();
    else response.setHeader('content-type', 'application/json').end(answer(session));
  });
  const errand = commandLineForTest();
  expect(await errand(['login', url], { input: KEY })).toMatchObject({ code: 0 });
  expect(await errand(['whoami', '--url', stranger])).toMatchObject({
    code: 2,
    err: expect.stringContaining('is not sent to'),
  });
  redirects = true;
  expect(await errand(['whoami'])).toMatchObject({ code: 1, err: expect.stringContaining(`redirects to ${stranger}`) });
  expect(requests).toEqual([]);
});

test('a profile that others may read is restricted, and a data folder is believed only about this machine', async () => {
  const url = await serve((_, response) => response.setHeader('content-type', 'application/json').end(answer(session)));
  const errand = commandLineForTest();
  await errand(['login', url], { input: KEY });
  const path = join(errand.configDir, 'profiles.json');
  chmodSync(path, 0o644);
  expect(await errand(['whoami'])).toMatchObject({ code: 0 });
  expect(statSync(path).mode & 0o777).toBe(0o600);

  const other = commandLineForTest();
  const folder = { ERRAND_DATA_DIR: other.configDir };
  writeFileSync(join(other.configDir, 'dev.json'), JSON.stringify({ url: 'https://errand.example.com', apiKey: KEY }));
  expect(await other(['whoami'], { env: folder })).toMatchObject({ code: 4 });
  writeFileSync(join(other.configDir, 'dev.json'), JSON.stringify({ url, apiKey: KEY }));
  expect(await other(['whoami'], { env: folder })).toMatchObject({
    code: 0,
    out: expect.stringContaining('profile    local'),
  });
});

test('a secret is refused as an argument', async () => {
  const errand = commandLineForTest({ url: 'http://127.0.0.1:4', apiKey: KEY });
  for (const args of [
    ['api', 'integrations.putCredentials', 'customerIntegrationId=crm', 'userId=ada', 'apiToken=t0ken'],
    ['api', 'integrations.create', 'name=CRM', 'auth:={"type":"API_TOKEN","token":"t0ken"}'],
    ['api', 'integrations.create', 'auth.token=t0ken'],
    ['keys', 'revoke', 'er_live_abcdefgh'],
  ])
    expect(await errand(args)).toMatchObject({ code: 2, err: expect.stringContaining('can read arguments') });
  expect(await errand(['integrations', 'add', '--token', 'https://x.example', 'unexpected'])).toMatchObject({
    code: 2,
  });
});

// The title of a window, a color, a C1 sequence, and a change of direction.
const HOSTILE = 'a\x1b]0;owned\x07b\x1b[31mc\x9b2Jd\u202ee\r\nf\x7f';
const run = {
  ...{ runId: HOSTILE, intent: HOSTILE, context: HOSTILE, userId: HOSTILE, status: 'FAILED', summary: HOSTILE },
  ...{
    executionPlanId: 'x',
    repeatKey: HOSTILE,
    events: [],
    waitingOn: [],
    integrations: [],
    metadata: { [HOSTILE]: HOSTILE },
  },
  ...{
    createdAt: '2026-11-30T10:00:00.000Z',
    updatedAt: '2026-11-30T10:00:00.000Z',
    endedAt: '2026-11-30T10:00:01.000Z',
  },
  ...{ usage: { steps: 0, toolCalls: 0, inputTokens: 0, outputTokens: 0 }, approvalStrategy: 'NONE' },
  result: { [HOSTILE]: HOSTILE, rows: [{ x: HOSTILE }] },
};
const answers: Record<string, unknown> = {
  'session.get': { ...session, caller: { type: 'api_key', id: HOSTILE, label: HOSTILE } },
  'runs.list': { runs: [run], pagination: {} },
  'runs.get': { ...run, error: { code: 'tool_failed', message: HOSTILE, retryable: false } },
  'executionPlans.get': { planType: 'text', plan: HOSTILE },
  'integrations.list': {
    integrations: [
      {
        customerIntegrationId: 'crm',
        name: HOSTILE,
        host: HOSTILE,
        authType: 'NONE',
        toolCount: 1,
        enabledToolCount: 1,
      },
    ],
  },
  'pending.list': {
    pending: [
      {
        kind: 'call',
        approvalId: HOSTILE,
        runId: HOSTILE,
        userId: HOSTILE,
        intent: HOSTILE,
        title: HOSTILE,
        text: HOSTILE,
        args: { [HOSTILE]: HOSTILE },
        mayDecide: true,
      },
    ],
  },
  'users.list': { users: [{ userId: HOSTILE, connections: [] }] },
};

test('control characters of runs and services are shown as escapes, also in errors and JSON', async () => {
  const url = await serve(({ url: path = '' }, response) => {
    const name = path.slice('/trpc/'.length).split('?')[0]!;
    response.setHeader('content-type', 'application/json');
    if (answers[name]) return response.end(answer(answers[name]));
    const problem = {
      type: 'about:blank',
      title: HOSTILE,
      status: 400,
      detail: HOSTILE,
      remedy: HOSTILE,
      code: HOSTILE,
    };
    return response
      .writeHead(400)
      .end(
        JSON.stringify({ error: { message: HOSTILE, code: -32600, data: { code: 'X', httpStatus: 400, problem } } }),
      );
  });
  const errand = commandLineForTest({ url, apiKey: KEY });
  const commands = [
    ...[
      ['whoami'],
      ['runs'],
      ['show', '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01'],
      ['integrations'],
      ['pending'],
      ['pending', '--full'],
      ['users'],
    ],
    ['audit'],
  ];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are the subject
  const unsafe = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/;
  for (const args of commands) {
    for (const form of [[], ['--json'], ['--jsonl'], ['-q']]) {
      const { out, err } = await errand([...args, ...form]);
      expect(out + err, args.join(' ')).not.toMatch(unsafe);
    }
    const { out, err } = await errand(args);
    expect(out + err, args.join(' ')).toContain('\\x1b]0;owned\\x07');
  }
  expect(JSON.parse((await errand(['runs', '--json'])).out).runs[0].intent).toBe(HOSTILE);
  const screen = await inTerminal(errand, ['runs']);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the terminal itself gets colors alone
  expect(screen.shown.replaceAll(/\x1b\[\d+m/g, '')).not.toMatch(unsafe);
  expect(screen.shown).toContain('\\x1b]0;owned');
});
