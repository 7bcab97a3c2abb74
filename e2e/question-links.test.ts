// The page of a question: opening its link answers nothing; its form, and programs with the token, answer once.
import type { PlanInput } from '@errand/contracts';
import { beforeAll, expect, test } from 'vitest';
import { HTML } from './fixtures/links.ts';
import { ended, type Office, payments, startOffice, startWaiting } from './fixtures/office.ts';
import { request } from './fixtures/request.ts';
import { type Api, overRest } from './fixtures/transports.ts';

const PATH = '/v1/runs/question';
let office: Office;
let api: Api;
let anyone: { url: string; apiKey: string };
beforeAll(async () => {
  office = await startOffice();
  api = overRest(office.stack);
  anyone = { url: office.stack.url, apiKey: '' };
  return () => office.close();
});

const open = (token: string, options: Parameters<typeof request>[2] = {}) =>
  request(anyone, `${PATH}?token=${token}`, { ...options, headers: { accept: HTML, ...options.headers } });
const send = (body: unknown, headers = {}) => request(anyone, PATH, { method: 'POST', body, headers });
const submit = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
  request(anyone, PATH, {
    body: new URLSearchParams(fields).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: HTML,
      'sec-fetch-site': 'same-origin',
      ...headers,
    },
  });

/** A run with a question, and the token of its link. */
async function pending(args: PlanInput['steps'][number]['args'], more: Parameters<typeof payments>[2] = {}) {
  const steps = [{ id: 'ask', tool: 'errand.ask', args }];
  const run = await startWaiting(
    api,
    payments(office, [], { plan: { goal: 'Ask', steps }, userId: 'ann@example.com', ...more }),
  );
  const event = run.events.find(({ type }) => type === 'question');
  const url = event?.type === 'question' ? event.url! : '';
  return { runId: run.runId, requestId: run.waitingOn[0]!.requestId!, token: new URL(url).searchParams.get('token')! };
}
const alexes = {
  question: 'Which Alex do you mean?',
  choices: [
    { value: 'c1', label: 'Alex Kim' },
    { value: 'c2', label: 'Alex Moss' },
  ],
};
async function formOf(token: string) {
  const { text, headers } = await open(token);
  const [, csrf] = /name="csrf" value="([^"]+)"/.exec(text)!;
  return { text, csrf: csrf!, cookie: headers.get('set-cookie')!.split(';', 1)[0]! };
}

test('opening the link shows the question and answers nothing, however often', async () => {
  const { runId, token } = await pending(alexes);
  const before = await api.runs.get({ runId, includeEvents: true });
  for (const method of ['GET', 'HEAD', 'GET'])
    for (const headers of [{}, { purpose: 'prefetch' }, { accept: '*/*' }, { 'x-api-key': office.stack.apiKey }])
      expect((await open(token, { method, headers: headers as Record<string, string> })).status).toBe(200);
  expect(await api.runs.get({ runId, includeEvents: true })).toEqual(before);
  const { text, headers } = await open(token);
  for (const part of [alexes.question, 'Alex Kim', 'Alex Moss', 'Pay the bills', 'ann@example.com'])
    expect(text).toContain(part);
  expect(text).not.toMatch(/<script|https?:\/\//);
  expect(Object.fromEntries(headers)).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-security-policy': expect.stringMatching(/^default-src 'none'; img-src data:; style-src 'sha256-/),
    'set-cookie': expect.stringMatching(/; HttpOnly; SameSite=Strict$/),
  });
  const view = await open(token, { headers: { accept: 'application/json' } });
  expect(JSON.parse(view.text)).toMatchObject({ state: 'pending', runId, ...alexes });
  await api.runs.cancel({ runId });
  const gone = await open(token);
  expect([gone.status, gone.text.includes('This question is closed')]).toEqual([410, true]);
});

test('the form answers with the chosen line; a second click reports the answer, another choice is refused', async () => {
  const { runId, token } = await pending(alexes);
  const { csrf, cookie } = await formOf(token);
  const fields = { token, csrf, choice: '1' };
  const first = await submit(fields, { cookie, origin: office.stack.url });
  expect([first.status, first.text.includes('Answered: Alex Moss')]).toEqual([200, true]);
  expect(first.text).not.toContain('<form');
  const run = await ended(api, runId);
  expect(run).toMatchObject({ status: 'SUCCESS', result: 'c2' });
  expect(run.events.find(({ type }) => type === 'answer')).toMatchObject({ answer: 'c2', answeredBy: 'a link' });
  expect((await submit(fields, { cookie })).status).toBe(200);
  const otherAnswer = await submit({ ...fields, choice: '0' }, { cookie });
  expect([otherAnswer.status, otherAnswer.text.includes('answered already')]).toEqual([409, true]);
});

test('a text is an answer to a question without choices; an empty choice is not an answer', async () => {
  const { runId, token } = await pending({ question: 'What shall it say?' });
  const { csrf, cookie } = await formOf(token);
  for (const text of ['', '   ', 'x'.repeat(4001)]) {
    const again = await submit({ token, csrf, text }, { cookie });
    expect([again.status, again.text.includes('<form')]).toEqual([400, true]);
  }
  const answered = await submit({ token, csrf, text: ' Dear Ann,\r\nit is <b>due</b>. ' }, { cookie });
  expect(answered.status).toBe(200);
  expect(answered.text).not.toContain('<b>');
  expect(await ended(api, runId)).toMatchObject({ result: 'Dear Ann,\nit is <b>due</b>.' });
});

test('"None of these" ends the run without an answer', async () => {
  const { runId, token } = await pending(alexes);
  const { csrf, cookie } = await formOf(token);
  expect((await submit({ token, csrf, choice: '0', none: 'true' }, { cookie })).status).toBe(200);
  expect(await ended(api, runId)).toMatchObject({ status: 'NO_SUCCESS', error: { code: 'question_unanswered' } });
});

test('a form of another browser, question or site answers nothing', async () => {
  const { runId, token } = await pending(alexes);
  const otherRun = await pending(alexes);
  const { csrf, cookie } = await formOf(token);
  const strange = await formOf(otherRun.token);
  const choice = '0';
  const cases = [
    await submit({ token, csrf, choice }),
    await submit({ token, csrf, choice }, { cookie: strange.cookie }),
    await submit({ token, csrf: strange.csrf, choice }, { cookie }),
    await submit({ token, csrf, choice }, { cookie, 'sec-fetch-site': 'cross-site' }),
    await submit({ token, csrf, choice }, { cookie, origin: 'https://evil.example' }),
    await send({ token, answer: 'c1' }, { origin: 'https://evil.example' }),
  ];
  expect(cases.map(({ status }) => status)).toEqual(cases.map(() => 403));
  expect((await api.runs.get({ runId })).status).toBe('PAUSED');
  for (const waitingRunId of [runId, otherRun.runId]) await api.runs.cancel({ runId: waitingRunId });
});

test('a program with the token answers; a wrong token, or one of an approval, is not found', async () => {
  const { runId, token } = await pending(alexes);
  for (const wrong of ['x', `${token.slice(0, -2)}AA`, ''])
    expect([404, 400]).toContain((await send({ token: wrong, answer: 'c1' })).status);
  expect((await send({ token, answer: 'c3' })).problem).toMatchObject({ status: 400, code: 'validation_failed' });
  expect((await request(anyone, '/v1/runs/approval', { method: 'POST', body: { token } })).problem).toMatchObject({
    code: 'approval_not_found',
  });
  const { status, text } = await send({ token, answer: 'c1' });
  expect([status, JSON.parse(text)]).toMatchObject([200, { runId, answer: 'c1', answeredBy: 'a link' }]);
  expect(await ended(api, runId)).toMatchObject({ result: 'c1' });
});

test('hidden characters in a question are shown as escapes, and markup as text', async () => {
  const { runId, token } = await pending({
    question: '<script>alert(1)</script>\u202E?',
    choices: [
      { value: '"><img src=x>', label: 'same <b>' },
      { value: 'two', label: 'same <b>' },
    ],
  });
  const { text } = await open(token);
  expect(text).not.toMatch(/<script|<img|<b>|\u202E/);
  expect(text).toContain('<span class="hidden">\\u{202E}</span>');
  // Equal labels are distinguished by their values.
  expect(text).toContain('same &lt;b&gt; (two)');
  await api.runs.cancel({ runId });
});

test('links also answer questions with four eyes', async () => {
  const strict = await startOffice({ env: { ERRAND_FOUR_EYES: 'true' } });
  try {
    const strictApi = overRest(strict.stack);
    const plan = { goal: 'Ask', steps: [{ id: 'ask', tool: 'errand.ask', args: alexes }] };
    const run = await startWaiting(strictApi, payments(strict, [], { plan }));
    const event = run.events.find(({ type }) => type === 'question');
    const token = new URL(event?.type === 'question' ? event.url! : '').searchParams.get('token')!;
    const answer = await request({ url: strict.stack.url, apiKey: '' }, PATH, {
      method: 'POST',
      body: { token, answer: 'c1' },
    });
    expect(answer.status).toBe(200);
    expect(await ended(strictApi, run.runId)).toMatchObject({ status: 'SUCCESS', result: 'c1' });
  } finally {
    await strict.close();
  }
});
