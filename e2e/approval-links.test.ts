// The pages of one-time links: opening one decides nothing, and an invalid link shows nothing.
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { HTML, linksOf, type Options, PATH } from './fixtures/links.ts';
import { ended, type Office, startOffice } from './fixtures/office.ts';
import { request } from './fixtures/request.ts';
import { type Api, type Caller, overRest } from './fixtures/transports.ts';

let office: Office;
let api: Api;
let links: ReturnType<typeof linksOf>;
beforeAll(async () => {
  office = await startOffice();
  api = overRest(office.stack);
  links = linksOf(office);
  return () => office.close();
});
beforeEach(() => {
  office.stub.hits.length = 0;
});

test('scanners and previews that open a link decide nothing', async () => {
  const { runId, approve, deny } = await links.pending(1);
  const before = await links.state(runId);
  for (const token of [approve, deny]) {
    for (const method of ['GET', 'HEAD', 'GET', 'HEAD', 'GET', 'HEAD']) {
      for (const headers of [{}, { purpose: 'prefetch' }, { 'sec-purpose': 'prefetch;prerender' }, { accept: '*/*' }]) {
        expect((await links.open(token, { method, headers: headers as Record<string, string> })).status).toBe(200);
      }
    }
  }
  expect(await links.state(runId)).toEqual(before);
  expect(office.stub.hits).toEqual([]);
  await api.runs.cancel({ runId });
});

test('the page shows the call, and belongs to no other site', async () => {
  const { runId, approve } = await links.pending(2, { userId: 'ann@example.com' });
  const { text, headers } = await links.open(approve);
  for (const part of [
    `${office.id}.pay`,
    'Office',
    'Pay the bills',
    'ann@example.com',
    'Pay at Office with amount 2?',
    '>amount<',
    '>2<',
    'set by the plan',
    'Expires',
    'in 24 hours',
  ]) {
    expect(text).toContain(part);
  }
  const args = await links.open(approve, { headers: { accept: 'application/json' } });
  expect(JSON.parse(args.text)).toMatchObject({ state: 'pending', runId, args: { body: { amount: 2 } } });
  expect(text).toContain(JSON.parse(args.text).argsSha256);
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex',
    'x-content-type-options': 'nosniff',
    'content-security-policy': expect.stringMatching(
      /^default-src 'none'; img-src data:; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
    ),
    'set-cookie': expect.stringMatching(/^errand-approval=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/),
  });
  expect(text).not.toMatch(/<script|https?:\/\//);
  await api.runs.cancel({ runId });
});

test('hidden characters in arguments are shown as escapes, and markup as text', async () => {
  const tricky = 'pay <b>"me"</b> & \u202Eevil\u202C\u200B\u{E0041}\u0007';
  const plan = {
    goal: 'Pay',
    steps: [{ id: 'p', tool: `${office.id}.pay`, reason: '<script>alert(1)</script>', args: { body: { to: tricky } } }],
  };
  const { runId, approve } = await links.pending(3, { plan, intent: '<img src=x onerror=alert(1)>' });
  const { text } = await links.open(approve);
  expect(text).toContain('pay &lt;b&gt;&quot;me&quot;&lt;/b&gt; &amp; ');
  for (const code of ['202E', '202C', '200B', 'E0041', '0007'])
    expect(text).toContain(`<span class="hidden">\\u{${code}}</span>`);
  expect(text).not.toMatch(/<script|<img|[\u202E\u200B]|\u{E0041}/u);
  await api.runs.cancel({ runId });
});

test('a plan is shown step by step', async () => {
  const { runId, approve } = await links.pending(4, { approvalStrategy: 'ON_START' });
  const { text } = await links.open(approve);
  expect(text).toContain('Approve this plan?');
  expect(text).toContain('<li>Pay with amount 4 <span class="tag">changes something</span>');
  const { status } = await links.send({ token: approve });
  expect([status, (await ended(api, runId)).status]).toEqual([200, 'SUCCESS']);
});

test('the page of a decided plan describes it in words, without its program', async () => {
  const result = { paid: { $: 'steps.p3.output.id' }, at: '14:00' };
  const step = { id: 'p3', tool: `${office.id}.pay`, args: { body: { amount: 3 } } };
  const { runId, approve, deny } = await links.pending(3, {
    approvalStrategy: 'ON_START',
    plan: { goal: 'Pay the bills', steps: [step], result },
  });
  expect((await links.open(approve)).text).toContain('steps.p3.output.id');
  await links.send({ token: deny });
  expect((await ended(api, runId)).status).toBe('CANCELED');
  const { text } = await links.open(approve);
  expect(text).toContain('<li>Pay with amount 3 ');
  expect(text).toContain('Result: paid from 1 and at &quot;14:00&quot;.');
  expect(text).not.toMatch(/steps\.p3|&quot;\$/);
});

test('every invalid token gets the same 404', async () => {
  const { runId, approve } = await links.pending(10);
  const flipped = approve.slice(0, -2) + (approve.endsWith('AA') ? 'BB' : 'AA');
  const first = Buffer.from(approve, 'base64url');
  first[40]! ^= 1;
  const wrong = ['x', flipped, first.toString('base64url'), `${approve}A`, `${approve}=`, 'é'.repeat(97)];
  const pages = await Promise.all(wrong.map((token) => links.open(encodeURIComponent(token))));
  expect(new Set(pages.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(pages[0]).toMatchObject({ status: 404 });
  const answers = await Promise.all(wrong.slice(0, 4).map((token) => links.send({ token })));
  expect(new Set(answers.map(({ text }) => text.replace(/"instance":"[^"]+"/, ''))).size).toBe(1);
  expect(answers[0]!.problem).toMatchObject({ status: 404, code: 'approval_not_found' });
  expect((await links.state(runId))[0]).toBe('PAUSED');
  await api.runs.cancel({ runId });
});

test('a link without a token gets 400, with a key and without, on a page and in JSON', async () => {
  const json = { accept: 'application/json' };
  for (const caller of [{ url: office.stack.url, apiKey: '' }, office.stack]) {
    for (const query of ['', '?token=', '?token=a&token=b']) {
      const { status, problem } = await request(caller, `${PATH}${query}`, { headers: json });
      expect([query, status, problem.code]).toEqual([query, 400, 'validation_failed']);
      expect(problem.errors?.[0]?.pointer).toBe('/token');
      const head = await fetch(`${caller.url}${PATH}${query}`, {
        method: 'HEAD',
        headers: { 'x-api-key': caller.apiKey },
      });
      expect(head.status).toBe(400);
    }
  }
  const page = await links.open('');
  expect([page.status, page.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8']);
  for (const body of [{}, { token: '' }]) {
    expect((await links.send(body)).problem).toMatchObject({ status: 400, code: 'validation_failed' });
  }
});

test('a link accepts no other parameter, and no key in the query', async () => {
  const { runId, approve } = await links.pending(11);
  for (const more of ['approve=1', 'action=approve', 'token=x', 'csrf=1']) {
    const { status } = await links.open(`${approve}&${more}`);
    expect([more, status]).toEqual([more, 400]);
  }
  expect((await links.open(`${approve}&api_key=x`, { headers: { accept: '*/*' } })).problem.code).toBe('key_in_query');
  expect((await links.state(runId))[0]).toBe('PAUSED');
  await api.runs.cancel({ runId });
});

test('a cancelled run has no open decision', async () => {
  const { runId, approve } = await links.pending(12);
  await api.runs.cancel({ runId });
  const page = await links.open(approve);
  expect([page.status, page.text.includes('is closed'), page.text.includes('<form')]).toEqual([410, true, false]);
  expect((await links.send({ token: approve })).problem).toMatchObject({ status: 410, code: 'approval_gone' });
  expect(office.stub.hits).toEqual([]);
});

test('with a key that may decide, GET decides at once; HEAD and browsers never do', async () => {
  const { runId, approve, deny } = await links.pending(13);
  const decider = await office.callerWith('approvals:decide');
  const reader = await office.callerWith('runs:read', 'runs:write');
  const get = (caller: Caller, token: string, options: Options = {}) =>
    request(caller, `${PATH}?token=${token}`, options);
  expect((await get(decider, approve, { method: 'HEAD' })).status).toBe(200);
  expect((await get(decider, approve, { headers: { accept: HTML } })).text).toContain('<form');
  expect((await get(reader, approve)).problem).toMatchObject({ status: 403, code: 'insufficient_scope' });
  expect((await get({ ...decider, apiKey: 'er_live_wrong' }, approve)).problem).toMatchObject({ status: 401 });
  expect((await links.state(runId))[0]).toBe('PAUSED');
  const decided = await get(decider, approve);
  expect([decided.status, JSON.parse(decided.text)]).toMatchObject([
    200,
    { runId, decision: 'approve', decidedBy: 'approvals:decide' },
  ]);
  expect((await get(decider, deny)).problem).toMatchObject({ status: 409, code: 'approval_already_decided' });
  expect([(await ended(api, runId)).status, office.stub.hits.length]).toEqual(['SUCCESS', 1]);
});

test('with a key of another workspace a link is not found', async () => {
  const { runId, approve } = await links.pending(16);
  const stranger = await office.stranger();
  const { problem } = await request(stranger, `${PATH}?token=${approve}`);
  const none = await request(stranger, `${PATH}?token=x`);
  const plain = ({ instance: _, ...rest }: Record<string, unknown>) => rest;
  expect(problem).toMatchObject({ status: 404, code: 'approval_not_found' });
  expect(plain(problem)).toEqual(plain(none.problem));
  expect((await links.state(runId))[0]).toBe('PAUSED');
  await api.runs.cancel({ runId });
});

test('the audit log records views and decisions with their principals', async () => {
  const { runId, approve } = await links.pending(17);
  const approvalId = (await api.runs.get({ runId })).waitingOn[0]!.approvalId!;
  await links.open(approve);
  await links.open(approve);
  await links.send({ token: approve });
  await ended(api, runId);
  const entriesOf = async (action: 'approval.shown' | 'approval.decided') =>
    (await api.audit.list({ action })).entries.filter(({ target }) => target === approvalId);
  expect(await entriesOf('approval.shown')).toMatchObject([
    { actor: { type: 'link', label: 'a link', ip: '127.0.0.1' } },
  ]);
  expect(await entriesOf('approval.decided')).toMatchObject([{ actor: { label: 'a link' } }]);
});
