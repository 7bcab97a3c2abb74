// The brand of a workspace, and the language of its pages.
import { beforeAll, expect, test } from 'vitest';
import { Browser } from './fixtures/browser.ts';
import { aRun } from './fixtures/builders.ts';
import { HTML } from './fixtures/links.ts';
import { startWaiting, tokensOf } from './fixtures/office.ts';
import { newPlatformKey } from './fixtures/operator.ts';
import { request } from './fixtures/request.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { json, type Stub, startStub } from './fixtures/stub.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';
import { anotherWorkspace } from './fixtures/workspace.ts';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

// A stack of its own: the tests send wrong addresses, which are counted by address.
let stack: Stack;
let stub: Stub;
let api: Api;
let crm: string;
let who: string;
beforeAll(async () => {
  stub = await startStub({ whoAmI: { answer: (response) => json(response, { name: 'Ada' }) } });
  stack = await startStack({ allow: [stub.origin] });
  api = overRest(stack);
  crm = (await api.integrations.list({})).integrations[0]!.customerIntegrationId;
  const register = { name: 'Who', kind: 'openapi', document: stub.document, auth: { type: 'API_TOKEN' } } as const;
  who = (await api.integrations.create(register)).customerIntegrationId;
  return async () => {
    await stack.close();
    await stub.close();
  };
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(new URL(path, stack.url), { headers: { accept: HTML, ...headers } });
const set = (body: object) => request(stack, '/v1/workspace/brand', { method: 'PUT', body });

async function approvalLink(user: { name?: string } = {}): Promise<string> {
  const plan = { goal: 'List', steps: [{ id: 'list', tool: `${crm}.listAccounts`, args: {} }] };
  const input = aRun({ userId: 'acme:carl', user, plan, approvalStrategy: 'ON_TOOL_CALL' });
  const { runId } = await startWaiting(api, input);
  const [tokens] = await tokensOf(api, runId);
  return `/v1/runs/approval?token=${tokens!.approve}`;
}
const consentLink = async (more: object = {}) =>
  (await api.integrations.authUrl({ customerIntegrationId: who, userId: 'acme:carl', ...more })).authorizeUrl;

test.each([
  ['REST', overRest],
  ['tRPC', overTrpc],
])('over %s a brand is set, shown and removed part by part', async (_, over) => {
  const brands = over(stack).workspace;
  const brand = await brands.setBrand({ name: 'Acme Helpdesk', color: '#0B5FFF', logo: PNG });
  const bytes = Buffer.from(PNG, 'base64').length;
  const logo = { contentType: 'image/png', bytes, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) };
  expect(brand).toMatchObject({ name: 'Acme Helpdesk', color: '#0B5FFF', logo });
  expect(await brands.brand({})).toEqual(brand);
  expect(await brands.setBrand({ logo: null })).not.toHaveProperty('logo');
  const removed = await brands.setBrand({ name: null, color: null });
  expect(Object.keys(removed)).toEqual(['updatedAt']);
});

test.each([
  ['a name with a control', { name: 'A\u0007B' }, /control characters/],
  ['a name that turns the text around', { name: 'A\u202EB' }, /control characters/],
  ['a name of spaces', { name: '   ' }, /space/],
  ['a name of 61 characters', { name: 'x'.repeat(61) }, /60/],
  ['a color by name', { color: 'red' }, /six hexadecimal digits/],
  ['a color with a style', { color: '#fff;}body' }, /six hexadecimal digits/],
  ['an SVG', { logo: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>').toString('base64') }, /PNG, ICO or WebP/],
  [
    'HTML behind the signature of a PNG',
    { logo: Buffer.from('\x89PNG\r\n\x1a\n<script>alert(1)</script>', 'latin1').toString('base64') },
    /PNG, ICO or WebP/,
  ],
  [
    '65 KiB',
    { logo: Buffer.concat([Buffer.from(PNG, 'base64'), Buffer.alloc(65 * 1024)]).toString('base64') },
    /65536/,
  ],
  ['text that is not base64', { logo: 'data:image/png;base64,AAAA' }, /base64/],
])('%s is refused, and the brand stays', async (_, body, message) => {
  const before = await api.workspace.brand({});
  const { status, problem } = await set(body);
  expect([status, problem.code]).toEqual([400, 'validation_failed']);
  expect(problem.errors![0]!.message).toMatch(message);
  expect(await api.workspace.brand({})).toEqual(before);
});

test('a logo is served without a key, as nothing but an image, and only at its own address', async () => {
  const { logo } = await api.workspace.setBrand({ logo: PNG });
  const response = await fetch(logo!.url);
  expect(Buffer.from(await response.arrayBuffer()).toString('base64')).toBe(PNG);
  const names = ['content-type', 'x-content-type-options', 'content-security-policy', 'cache-control'];
  expect(names.map((name) => response.headers.get(name))).toEqual([
    'image/png',
    'nosniff',
    "default-src 'none'; sandbox",
    'public, max-age=31536000, immutable',
  ]);
  const { workspaceId } = await api.workspace.status({});
  const { pathname } = new URL(logo!.url);
  const stranger = await anotherWorkspace(stack);
  const other = await overRest(stranger).workspace.status({});
  for (const path of [
    pathname.replace(workspaceId, other.workspaceId),
    `${pathname.slice(0, -1)}x`,
    pathname.slice(0, -1),
    `/v1/brand/${workspaceId}/${'0'.repeat(32)}`,
    '/v1/brand/x/y',
  ])
    expect([path, (await get(path, { accept: 'application/json' })).status]).toEqual([path, 404]);
  await api.workspace.setBrand({ logo: null });
  expect((await fetch(logo!.url)).status).toBe(404);
});

test('pages show the brand instead of the product, and pages of unknown links do not', async () => {
  await api.workspace.setBrand({ name: 'Acme <b>Helpdesk', color: '#0b5fff', logo: PNG });
  const link = await approvalLink();
  const answer = await get(link);
  const html = await answer.text();
  expect(html).toContain('Acme &lt;b&gt;Helpdesk');
  expect(html).toMatch(/<img src="\/v1\/brand\/[0-9a-f-]{36}\/[0-9a-f]{32}" alt="">/);
  expect(html).not.toContain('<span>Errand');
  expect(answer.headers.get('content-security-policy')).toContain("img-src data: 'self';");
  const consent = await (await get(await consentLink())).text();
  expect(consent.replaceAll(/<[^>]+>/g, '')).toContain('Acme &lt;b&gt;Helpdesk would like to use Who for acme:carl.');
  const unknown = await (await get('/v1/runs/approval?token=x')).text();
  expect(unknown).toContain('<span>Errand</span>');
  // A refusal of a known link has the brand, and so has the page after a consent.
  const foreign = await new Browser().submit(await new Browser().open(await consentLink()), { decision: 'deny' });
  expect([foreign.status, foreign.html.includes('Acme &lt;b&gt;Helpdesk')]).toEqual([403, true]);
  const browser = new Browser();
  const end = await browser.submit(await browser.open(await consentLink()), { decision: 'deny' });
  expect([end.url.pathname, end.html.includes('Acme &lt;b&gt;Helpdesk')]).toEqual(['/v1/connect/done', true]);
  end.url.searchParams.set('brand', 'x');
  expect(await (await get(end.url.href)).text()).toContain('<span>Errand</span>');
});

test('a change of the brand shows on the next page', async () => {
  const link = await approvalLink();
  for (const name of ['First', 'Second']) {
    await api.workspace.setBrand({ name });
    expect(await (await get(link)).text()).toContain(`<bdi>${name}</bdi>`);
  }
});

test('a page shows the name of its user, and the id only without one', async () => {
  const [named, unnamed] = [await approvalLink({ name: 'Carl Jones' }), await approvalLink()];
  const html = await (await get(named)).text();
  expect(html).toContain('<bdi>Carl Jones</bdi>');
  // Only among the technical details.
  expect(html.indexOf('acme:carl')).toBeGreaterThan(html.indexOf('<details>'));
  expect(await (await get(unnamed)).text()).toContain('<bdi><small>acme:carl</small></bdi>');
  const consent = await (await get(await consentLink({ user: { name: 'Carl <b>Jones' } }))).text();
  expect(consent).toContain('Carl &lt;b&gt;Jones');
  expect(consent).not.toContain('acme:carl');
});

test('a run that waits for a consent shows the name of its user on the page', async () => {
  const plan = { goal: 'Who', steps: [{ id: 'who', tool: `${who}.whoAmI`, args: {} }] };
  const input = aRun({ userId: 'acme:dora', user: { name: 'Dora Smith' }, plan });
  const { runId } = await api.runs.create(input);
  await expect.poll(async () => (await api.runs.get({ runId })).status, { timeout: 60_000 }).toBe('AUTH_REQUIRED');
  const { events } = await api.runs.get({ runId, includeEvents: true });
  const links = events.flatMap((event) =>
    event.type === 'authentication' && event.auth.status === 'required' ? [event.auth.url ?? ''] : [],
  );
  expect(await (await get(links[0]!)).text()).toContain('Dora Smith');
});

const ENGLISH = /\b(?:Approve|Deny|Reason|Requested|Expires|Continue|Save|Refuse|would like|You may|technical)\b/i;

test('pages are in the language of the reader, their problems too', async () => {
  const german = { 'accept-language': 'de-AT,de;q=0.9,en;q=0.5' };
  const link = await approvalLink({ name: 'Carl Jones' });
  const approval = await get(link, german);
  expect(approval.headers.get('vary')).toContain('accept-language');
  for (const [path, status, text] of [
    [link, 200, 'Freigeben'],
    [await consentLink(), 200, 'Speichern'],
    ['/v1/connect/done?status=success', 200, 'Verbunden'],
    ['/v1/runs/approval?token=x', 404, 'Diese Freigabe gibt es nicht'],
    ['/v1/runs/question?token=x', 404, 'Diese Frage gibt es nicht'],
    ['/v1/connect?token=x', 404, 'Diesen Link gibt es nicht'],
    ['/nowhere', 404, 'Nicht gefunden'],
  ] as const) {
    const answer = await get(path, german);
    const html = await answer.text();
    expect([path, answer.status]).toEqual([path, status]);
    expect(html).toContain('<html lang="de">');
    expect(html).toContain(text);
    const words = html.slice(html.indexOf('<body>')).replaceAll(/<[^>]+>/g, ' ');
    expect([path, ENGLISH.exec(words)?.[0]]).toEqual([path, undefined]);
  }
  expect(await (await get(link)).text()).toContain('<html lang="en">');
});

test('only administrators read and change the brand, and the audit log has it without the image', async () => {
  const { key } = await api.apiKeys.create({ name: 'weak', scopes: ['runs:read', 'connections:write'] });
  const weak = overRest({ ...stack, apiKey: key });
  for (const work of [weak.workspace.brand({}), weak.workspace.setBrand({ name: 'x' })])
    await expect(work).rejects.toMatchObject({ status: 403 });
  const platform = { url: stack.url, apiKey: await newPlatformKey(stack) };
  expect((await request(platform, '/v1/workspace/brand')).status).toBe(403);
  await api.workspace.setBrand({ logo: PNG });
  const { entries } = await api.audit.list({ action: 'workspace.brand_changed', pageSize: 1 });
  expect(entries[0]!.details).toMatchObject({ logo: { contentType: 'image/png' } });
  expect(JSON.stringify(entries)).not.toContain(PNG.slice(0, 20));
});
