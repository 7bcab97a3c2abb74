// Decisions by link: with the form of our page, or by a program with the token. Nothing else decides.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Form, linksOf, PATH } from './fixtures/links.ts';
import { ended, type Office, openOffice } from './fixtures/office.ts';
import { request } from './fixtures/request.ts';
import { type Api, overRest } from './fixtures/transports.ts';

let office: Office;
let api: Api;
let links: ReturnType<typeof linksOf>;
beforeAll(async () => {
  office = await openOffice();
  api = overRest(office.stack);
  links = linksOf(office);
  return () => office.close();
});
beforeEach(() => {
  office.stub.hits.length = 0;
});

test('the form approves; a second click reports the decision; the opposite is refused', async () => {
  const { runId, approve, deny } = await links.pending(5);
  const form = await links.formOf(approve);
  const fields = { ...form.fields, reason: 'it is due', token: form.approve };
  const first = await links.submit(fields, { cookie: form.cookie, origin: office.stack.url });
  expect([first.status, first.text.includes('Approved by a link.')]).toEqual([200, true]);
  const run = await ended(api, runId);
  expect([run.status, office.stub.hits.length]).toEqual(['SUCCESS', 1]);
  expect(run.events.find(({ type }) => type === 'run_action')).toMatchObject({
    decidedBy: 'a link',
    reason: 'it is due',
  });
  const again = await links.submit(fields, { cookie: form.cookie });
  expect([again.status, again.text.includes('Approved by a link.')]).toEqual([200, true]);
  const looked = await links.open(deny);
  expect([looked.status, looked.text.includes('This call is approved')]).toEqual([200, true]);
  expect(looked.text).not.toContain('<form');
  const opposite = await links.submit({ ...fields, token: form.deny }, { cookie: form.cookie });
  expect([opposite.status, opposite.text.includes('It was decided already')]).toEqual([409, true]);
  expect((await links.send({ token: deny })).problem).toMatchObject({ status: 409, code: 'approval_already_decided' });
  expect(office.stub.hits).toHaveLength(1);
});

test('the form denies', async () => {
  const { runId, approve } = await links.pending(6);
  const form = await links.formOf(approve);
  const { status, text } = await links.submit(
    { ...form.fields, reason: '', token: form.deny },
    { cookie: form.cookie },
  );
  expect([status, text.includes('Denied by a link.')]).toEqual([200, true]);
  expect([(await ended(api, runId)).status, office.stub.hits.length]).toEqual(['CANCELED', 0]);
});

describe('a foreign form', () => {
  let runId: string;
  let form: Form;
  let otherForm: Form;
  let token: string;
  beforeAll(async () => {
    const asks = await links.pending(7);
    ({ runId, approve: token } = asks);
    form = await links.formOf(token);
    otherForm = await links.formOf((await links.pending(8)).approve);
    return () => api.runs.cancel({ runId });
  });
  test.each([
    ['no cookie', () => links.submit({ ...form.fields, token: form.approve })],
    [
      'the cookie of another browser',
      () => links.submit({ ...form.fields, token: form.approve }, { cookie: otherForm.cookie }),
    ],
    [
      'a form of another approval',
      () =>
        links.submit({ ...form.fields, csrf: otherForm.fields.csrf!, token: form.approve }, { cookie: form.cookie }),
    ],
    [
      'another site',
      () =>
        links.submit({ ...form.fields, token: form.approve }, { cookie: form.cookie, 'sec-fetch-site': 'cross-site' }),
    ],
    [
      'a foreign origin',
      () =>
        links.submit({ ...form.fields, token: form.approve }, { cookie: form.cookie, origin: 'https://evil.example' }),
    ],
    ['a foreign origin, as JSON', () => links.send({ token }, { origin: 'https://evil.example' })],
  ])('%s: 403, and nothing is decided', async (_, send) => {
    const { status, text } = await send();
    expect(status).toBe(403);
    expect(text).toMatch(/Open the link|belongs to another browser/);
    expect((await links.state(runId))[0]).toBe('PAUSED');
    expect(office.stub.hits).toEqual([]);
  });

  test('the refusal has a code for programs', async () => {
    const { problem } = await links.submit({ ...form.fields, token: form.approve }, { accept: 'application/json' });
    expect(problem).toMatchObject({ status: 403, code: 'csrf_failed' });
  });
});

test('a form with outdated arguments is refused', async () => {
  const { runId, approve } = await links.pending(9);
  const form = await links.formOf(approve);
  const stale = { ...form.fields, argsSha256: '0'.repeat(64), token: form.approve };
  const refused = await links.submit(stale, { cookie: form.cookie, accept: 'application/json' });
  expect(refused.problem).toMatchObject({ status: 409, code: 'approval_args_changed' });
  expect((await links.state(runId))[0]).toBe('PAUSED');
  const [waits] = (await api.runs.get({ runId })).waitingOn;
  await api.approvals.decide({ approvalId: waits!.approvalId!, decision: 'approve', args: { body: { amount: 90 } } });
  const late = await links.submit(
    { ...form.fields, token: form.approve },
    { cookie: form.cookie, accept: 'application/json' },
  );
  expect(late.problem).toMatchObject({ status: 409, code: 'approval_args_changed' });
  await ended(api, runId);
  expect(office.stub.hits.map(({ body }) => JSON.parse(body).amount)).toEqual([90]);
});

test('two hundred concurrent forms make one decision and one call', async () => {
  const { runId, approve, deny } = await links.pending(14);
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => links.send({ token: i % 2 === 0 ? approve : deny })),
  );
  const run = await ended(api, runId);
  const decided = run.events.filter(({ type }) => type === 'run_action');
  expect(decided).toHaveLength(1);
  const won = decided[0]!.type === 'run_action' && decided[0]!.action;
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([...Array(100).fill(200), ...Array(100).fill(409)]);
  expect(office.stub.hits).toHaveLength(won === 'approve' ? 1 : 0);
});

test('invalid decisions are refused', async () => {
  const { runId, approve } = await links.pending(15);
  const cases = [
    ['{', 400, 'invalid_json'],
    [{ token: approve, approve: 1 }, 400, 'validation_failed'],
    [{ token: approve, reason: 'a\0b' }, 400, 'validation_failed'],
    [{ token: approve, reason: 'x'.repeat(3000) }, 400, 'validation_failed'],
    [{}, 400, 'validation_failed'],
  ] as const;
  for (const [body, status, code] of cases) expect((await links.send(body)).problem).toMatchObject({ status, code });
  const text = await links.send('token', { 'content-type': 'text/plain' });
  expect(text.problem).toMatchObject({ status: 415, code: 'unsupported_media_type' });
  const put = await request({ ...office.stack, apiKey: '' }, PATH, { method: 'PUT', body: { token: approve } });
  expect([put.status, put.headers.get('allow')]).toEqual([405, expect.stringContaining('POST')]);
  expect((await links.state(runId))[0]).toBe('PAUSED');
  await api.runs.cancel({ runId });
});

describe('arguments edited on the page', () => {
  test('are sent, the changes are recorded, and other arguments stay', async () => {
    const { runId, approve } = await links.pending(21);
    const form = await links.formOf(approve);
    const fields = { ...form.fields, 'arg/body/amount': '22', 'arg/body/to': 'Ann', token: form.approve };
    const { status, text } = await links.submit(fields, { cookie: form.cookie });
    expect([status, text.includes('Approved by a link.')]).toEqual([200, true]);
    const run = await ended(api, runId);
    expect(office.stub.hits.map(({ body }) => JSON.parse(body))).toEqual([{ amount: 22, to: 'Ann' }]);
    const action = run.events.find(({ type }) => type === 'run_action');
    const edits = action?.type === 'run_action' ? action.edits : [];
    expect(new Set(edits?.map(({ op, path, value }) => `${op} ${path} ${value}`))).toEqual(
      new Set(['replace /body/amount 22', 'add /body/to Ann']),
    );
    expect(run.summary).toBe('Paid with amount 22, to Ann.');
  });

  test('are validated: the page names the invalid one and keeps the input, and nothing is decided', async () => {
    const { runId, approve } = await links.pending(23);
    const form = await links.formOf(approve);
    const send = (amount: string) =>
      links.submit({ ...form.fields, 'arg/body/amount': amount, token: form.approve }, { cookie: form.cookie });
    const wrong = await send('many');
    expect([wrong.status, wrong.text.includes('value="many"')]).toEqual([400, true]);
    expect(wrong.text).toContain('Enter a whole number.');
    expect((await links.state(runId))[0]).toBe('PAUSED');
    expect(office.stub.hits).toEqual([]);
    const denied = { ...form.fields, 'arg/body/amount': 'many', token: form.deny };
    expect((await links.submit(denied, { cookie: form.cookie })).status).toBe(200);
    expect((await ended(api, runId)).status).toBe('CANCELED');
  });
});

test('the reason is still filled in after a value is refused', async () => {
  const { runId, approve } = await links.pending(23);
  const form = await links.formOf(approve);
  const reason = 'Ann </textarea> said so';
  const fields = { ...form.fields, 'arg/body/amount': 'many', reason, token: form.approve };
  const refused = await links.submit(fields, { cookie: form.cookie });
  expect(refused.status).toBe(400);
  expect(refused.text).toContain('\nAnn &lt;/textarea&gt; said so</textarea>');
  await api.runs.cancel({ runId });
});

test("times are shown in the user's time zone, with its name", async () => {
  const to = '2026-11-26T10:00:00Z';
  const plan = { goal: 'Pay', steps: [{ id: 'p', tool: `${office.id}.pay`, args: { body: { to } } }] };
  const user = { timeZone: 'Europe/Berlin' };
  for (const approvalStrategy of ['ON_WRITE', 'ON_START'] as const) {
    const { runId, approve } = await links.pending(0, { plan, user, approvalStrategy });
    const [waits] = (await api.runs.get({ runId })).waitingOn;
    expect(waits!.text).toContain('to 26 Nov 2026, 11:00 (Europe/Berlin)');
    const { text } = await links.open(approve);
    expect(text).toContain('26 Nov 2026, 11:00 (Europe/Berlin)');
    expect(text).toMatch(/<dt>Expires<\/dt><dd><bdi>in 24 hours \(\d{1,2} \w{3} \d{4}, \d\d:\d\d, Europe\/Berlin\)/);
    await api.runs.cancel({ runId });
  }
});
