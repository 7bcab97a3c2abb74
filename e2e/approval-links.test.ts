// The pages behind one-time links: looking decides nothing, and only a form of ours, a program with the token or a key does.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { asked, ended, type Office, payments, startOffice, tokensOf } from './fixtures/questions.ts';
import { request } from './fixtures/request.ts';
import { type Api, type Door, overRest } from './fixtures/transports.ts';

let office: Office;
let api: Api;
let anyone: Door;
beforeAll(async () => {
  office = await startOffice();
  api = overRest(office.place);
  anyone = { url: office.place.url, apiKey: '' };
  return () => office.close();
});
beforeEach(() => {
  office.stub.hits.length = 0;
});

const path = '/v1/runs/approval';
const html = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
type Options = Parameters<typeof request>[2];
/** A request without a key. */
const open = async (token: string, options: Options = {}) => {
  const headers = { accept: html, ...(options.headers as Record<string, string>) };
  return request(anyone, `${path}?token=${token}`, { ...options, headers });
};
const send = (body: unknown, headers: Record<string, string> = {}) => request(anyone, path, { body, headers });
const until = async (runId: string) => ended(api, runId);
const state = async (runId: string) => {
  const { status, waitingOn, events } = await api.runs.get({ runId, includeEvents: true });
  return [status, waitingOn.length, events.length];
};

async function question(amount: number, more: Parameters<typeof payments>[2] = {}) {
  const { runId } = await asked(api, payments(office, [amount], more));
  const [tokens] = await tokensOf(api, runId);
  return { runId, ...tokens! };
}

/** The fields and the cookie of a page's form. */
async function formOf(token: string) {
  const { text, headers } = await open(token);
  const fields = Object.fromEntries(
    [...text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name!, value!]),
  );
  const [approve, deny] = [...text.matchAll(/<button class="\w+" name="token" value="([^"]+)"/g)].map(
    ([, value]) => value!,
  );
  return { fields, approve: approve!, deny: deny!, cookie: headers.get('set-cookie')!.split(';', 1)[0]! };
}
const submit = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
  request(anyone, path, {
    body: new URLSearchParams(fields).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: html,
      'sec-fetch-site': 'same-origin',
      ...headers,
    },
  });

test('scanners and previews look as often as they like, and decide nothing', async () => {
  const { runId, approve, deny } = await question(1);
  const before = await state(runId);
  for (const token of [approve, deny]) {
    for (const method of ['GET', 'HEAD', 'GET', 'HEAD', 'GET', 'HEAD']) {
      for (const headers of [{}, { purpose: 'prefetch' }, { 'sec-purpose': 'prefetch;prerender' }, { accept: '*/*' }]) {
        expect((await open(token, { method, headers: headers as Record<string, string> })).status).toBe(200);
      }
    }
  }
  expect(await state(runId)).toEqual(before);
  expect(office.stub.hits).toEqual([]);
  await api.runs.cancel({ runId });
});

test('the page shows what would be done, and is nobody else’s', async () => {
  const { runId, approve } = await question(2, { userId: 'ann@example.com' });
  const { text, headers } = await open(approve);
  for (const shown of [
    `${office.id}.pay`,
    'Office',
    'Pay the bills',
    'ann@example.com',
    'body.amount',
    '>2<',
    'Expires',
  ]) {
    expect(text).toContain(shown);
  }
  const args = await open(approve, { headers: { accept: 'application/json' } });
  expect(JSON.parse(args.text)).toMatchObject({ state: 'pending', runId, args: { body: { amount: 2 } } });
  expect(text).toContain(JSON.parse(args.text).argsSha256);
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex',
    'x-content-type-options': 'nosniff',
    'content-security-policy': expect.stringMatching(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
    ),
    'set-cookie': expect.stringMatching(/^errand-approval=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/),
  });
  expect(text).not.toMatch(/<script|https?:\/\//);
  await api.runs.cancel({ runId });
});

test('what could hide in the arguments is shown as escapes, and markup as text', async () => {
  const tricky = 'pay <b>"me"</b> & \u202Eevil\u202C\u200B\u{E0041}\u0007';
  const plan = {
    goal: 'Pay',
    steps: [{ id: 'p', tool: `${office.id}.pay`, reason: '<script>alert(1)</script>', args: { body: { to: tricky } } }],
  };
  const { runId, approve } = await question(3, { plan, intent: '<img src=x onerror=alert(1)>' });
  const { text } = await open(approve);
  expect(text).toContain('pay &lt;b&gt;&quot;me&quot;&lt;/b&gt; &amp; ');
  for (const code of ['202E', '202C', '200B', 'E0041', '0007'])
    expect(text).toContain(`<span class="hidden">\\u{${code}}</span>`);
  expect(text).not.toMatch(/<script|<img|[\u202E\u200B]|\u{E0041}/u);
  await api.runs.cancel({ runId });
});

test('a plan is shown step by step', async () => {
  const { runId, approve } = await question(4, { approvalStrategy: 'ON_START' });
  const { text } = await open(approve);
  expect(text).toContain('Approve this plan?');
  expect(text).toContain(`1. p4: ${office.id}.pay`);
  const { status } = await send({ token: approve });
  expect([status, (await until(runId)).status]).toEqual([200, 'SUCCESS']);
});

test('the form approves; a second click says that it is decided; the opposite is refused', async () => {
  const { runId, approve, deny } = await question(5);
  const form = await formOf(approve);
  const fields = { ...form.fields, reason: 'it is due', token: form.approve };
  const first = await submit(fields, { cookie: form.cookie, origin: office.place.url });
  expect([first.status, first.text.includes('Approved by a link.')]).toEqual([200, true]);
  const run = await until(runId);
  expect([run.status, office.stub.hits.length]).toEqual(['SUCCESS', 1]);
  expect(run.events.find(({ type }) => type === 'run_action')).toMatchObject({
    decidedBy: 'a link',
    reason: 'it is due',
  });
  const again = await submit(fields, { cookie: form.cookie });
  expect([again.status, again.text.includes('Approved by a link.')]).toEqual([200, true]);
  const looked = await open(deny);
  expect([looked.status, looked.text.includes('This call is approved')]).toEqual([200, true]);
  expect(looked.text).not.toContain('<form');
  const opposite = await submit({ ...fields, token: form.deny }, { cookie: form.cookie });
  expect([opposite.status, opposite.text.includes('It was decided already')]).toEqual([409, true]);
  expect((await send({ token: deny })).problem).toMatchObject({ status: 409, code: 'approval_already_decided' });
  expect(office.stub.hits).toHaveLength(1);
});

test('the form denies', async () => {
  const { runId, approve } = await question(6);
  const form = await formOf(approve);
  const { status, text } = await submit({ ...form.fields, reason: '', token: form.deny }, { cookie: form.cookie });
  expect([status, text.includes('Denied by a link.')]).toEqual([200, true]);
  expect([(await until(runId)).status, office.stub.hits.length]).toEqual(['CANCELED', 0]);
});

describe('what is no form of ours', () => {
  let runId: string;
  let form: Awaited<ReturnType<typeof formOf>>;
  let other: Awaited<ReturnType<typeof formOf>>;
  let token: string;
  beforeAll(async () => {
    const asks = await question(7);
    ({ runId, approve: token } = asks);
    form = await formOf(token);
    other = await formOf((await question(8)).approve);
    return () => api.runs.cancel({ runId });
  });
  test.each([
    ['no cookie', () => submit({ ...form.fields, token: form.approve })],
    ['the cookie of another browser', () => submit({ ...form.fields, token: form.approve }, { cookie: other.cookie })],
    [
      'a form of another approval',
      () => submit({ ...form.fields, csrf: other.fields.csrf!, token: form.approve }, { cookie: form.cookie }),
    ],
    [
      'another site',
      () => submit({ ...form.fields, token: form.approve }, { cookie: form.cookie, 'sec-fetch-site': 'cross-site' }),
    ],
    [
      'a foreign origin',
      () => submit({ ...form.fields, token: form.approve }, { cookie: form.cookie, origin: 'https://evil.example' }),
    ],
    ['a foreign origin, as JSON', () => send({ token }, { origin: 'https://evil.example' })],
  ])('%s: 403, and nothing is decided', async (_, send) => {
    const { status, text } = await send();
    expect(status).toBe(403);
    expect(text).toMatch(/Open the link/);
    expect((await state(runId))[0]).toBe('PAUSED');
    expect(office.stub.hits).toEqual([]);
  });

  test('the refusal has a code for programs', async () => {
    const { problem } = await submit({ ...form.fields, token: form.approve }, { accept: 'application/json' });
    expect(problem).toMatchObject({ status: 403, code: 'csrf_failed' });
  });
});

test('a form that shows other arguments than would be used now is refused', async () => {
  const { runId, approve } = await question(9);
  const form = await formOf(approve);
  const stale = { ...form.fields, argsSha256: '0'.repeat(64), token: form.approve };
  const refused = await submit(stale, { cookie: form.cookie, accept: 'application/json' });
  expect(refused.problem).toMatchObject({ status: 409, code: 'approval_args_changed' });
  expect((await state(runId))[0]).toBe('PAUSED');
  const [waits] = (await api.runs.get({ runId })).waitingOn;
  await api.approvals.decide({ approvalId: waits!.approvalId!, decision: 'approve', args: { body: { amount: 90 } } });
  const late = await submit(
    { ...form.fields, token: form.approve },
    { cookie: form.cookie, accept: 'application/json' },
  );
  expect(late.problem).toMatchObject({ status: 409, code: 'approval_args_changed' });
  await until(runId);
  expect(office.stub.hits.map(({ body }) => JSON.parse(body).amount)).toEqual([90]);
});

test('what is no token of ours is not found, all alike', async () => {
  const { runId, approve } = await question(10);
  const flipped = approve.slice(0, -2) + (approve.endsWith('AA') ? 'BB' : 'AA');
  const first = Buffer.from(approve, 'base64url');
  first[40]! ^= 1;
  const wrong = ['', 'x', flipped, first.toString('base64url'), `${approve}A`, `${approve}=`, 'é'.repeat(97)];
  const pages = await Promise.all(wrong.map((token) => open(encodeURIComponent(token))));
  expect(new Set(pages.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(pages[0]).toMatchObject({ status: 404 });
  const told = await Promise.all(wrong.slice(0, 4).map((token) => send({ token })));
  expect(new Set(told.map(({ text }) => text.replace(/"instance":"[^"]+"/, ''))).size).toBe(1);
  expect(told[0]!.problem).toMatchObject({ status: 404, code: 'approval_not_found' });
  expect((await state(runId))[0]).toBe('PAUSED');
  await api.runs.cancel({ runId });
});

test('a link takes no other parameter, and a key stands in no query', async () => {
  const { runId, approve } = await question(11);
  for (const more of ['approve=1', 'action=approve', 'token=x', 'csrf=1']) {
    const { status } = await open(`${approve}&${more}`);
    expect([more, status]).toEqual([more, more === 'token=x' ? 404 : 400]);
  }
  expect((await open(`${approve}&api_key=x`, { headers: { accept: '*/*' } })).problem.code).toBe('key_in_query');
  expect((await state(runId))[0]).toBe('PAUSED');
  await api.runs.cancel({ runId });
});

test('of a cancelled run nothing is left to decide', async () => {
  const { runId, approve } = await question(12);
  await api.runs.cancel({ runId });
  const page = await open(approve);
  expect([page.status, page.text.includes('is not asked about any more'), page.text.includes('<form')]).toEqual([
    410,
    true,
    false,
  ]);
  expect((await send({ token: approve })).problem).toMatchObject({ status: 410, code: 'approval_gone' });
  expect(office.stub.hits).toEqual([]);
});

test('with a key that may decide, GET decides at once; HEAD never does, nor a browser', async () => {
  const { runId, approve, deny } = await question(13);
  const decider = await office.door('approvals:decide');
  const reader = await office.door('runs:read', 'runs:write');
  const get = (door: Door, token: string, options: Options = {}) => request(door, `${path}?token=${token}`, options);
  expect((await get(decider, approve, { method: 'HEAD' })).status).toBe(200);
  expect((await get(decider, approve, { headers: { accept: html } })).text).toContain('<form');
  expect((await get(reader, approve)).problem).toMatchObject({ status: 403, code: 'insufficient_scope' });
  expect((await get({ ...decider, apiKey: 'er_live_wrong' }, approve)).problem).toMatchObject({ status: 401 });
  expect((await state(runId))[0]).toBe('PAUSED');
  const decided = await get(decider, approve);
  expect([decided.status, JSON.parse(decided.text)]).toMatchObject([
    200,
    { runId, decision: 'approve', decidedBy: 'approvals:decide' },
  ]);
  expect((await get(decider, deny)).problem).toMatchObject({ status: 409, code: 'approval_already_decided' });
  expect([(await until(runId)).status, office.stub.hits.length]).toEqual(['SUCCESS', 1]);
});

test('with a key of another workspace a link is as good as none', async () => {
  const { runId, approve } = await question(16);
  const stranger = await office.stranger();
  const { problem } = await request(stranger, `${path}?token=${approve}`);
  const none = await request(stranger, `${path}?token=x`);
  const plain = ({ instance: _, ...rest }: Record<string, unknown>) => rest;
  expect(problem).toMatchObject({ status: 404, code: 'approval_not_found' });
  expect(plain(problem)).toEqual(plain(none.problem));
  expect((await state(runId))[0]).toBe('PAUSED');
  await api.runs.cancel({ runId });
});

test('two hundred at once: one decision, one call', async () => {
  const { runId, approve, deny } = await question(14);
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => send({ token: i % 2 === 0 ? approve : deny })),
  );
  const run = await until(runId);
  const decided = run.events.filter(({ type }) => type === 'run_action');
  expect(decided).toHaveLength(1);
  const won = decided[0]!.type === 'run_action' && decided[0]!.action;
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(100);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(100);
  expect(office.stub.hits).toHaveLength(won === 'approve' ? 1 : 0);
});

test('bodies that are no decision are refused', async () => {
  const { runId, approve } = await question(15);
  const cases = [
    ['{', 400, 'invalid_json'],
    [{ token: approve, approve: 1 }, 400, 'validation_failed'],
    [{ token: approve, reason: 'a\0b' }, 400, 'validation_failed'],
    [{ token: approve, reason: 'x'.repeat(3000) }, 400, 'validation_failed'],
    [{}, 400, 'validation_failed'],
  ] as const;
  for (const [body, status, code] of cases) expect((await send(body)).problem).toMatchObject({ status, code });
  const text = await send('token', { 'content-type': 'text/plain' });
  expect(text.problem).toMatchObject({ status: 415, code: 'unsupported_media_type' });
  const put = await request(anyone, path, { method: 'PUT', body: { token: approve } });
  expect([put.status, put.headers.get('allow')]).toEqual([405, expect.stringContaining('POST')]);
  expect((await state(runId))[0]).toBe('PAUSED');
  await api.runs.cancel({ runId });
});
