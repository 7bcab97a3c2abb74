// Renders pages with marked texts: each word of a page is in a marked text, or was given by the request.
import type { ApprovalView, Plan } from '@errand/contracts';
import { expect, test } from 'vitest';
import { approvalPage } from '../../approvals/approval-page.ts';
import { consentFormPage, outcomePage } from '../../consents/consent-pages.ts';
import { argumentFields } from '../html/argument-form.ts';
import { formFields, formHtml } from '../html/schema-form.ts';
import { linkNextSteps, refusalPage } from '../refusal-page.ts';
import { de } from './de.ts';
import { en, type Texts } from './en.ts';

/** The English texts, each between brackets. */
const marked = (node: unknown): unknown => {
  if (typeof node === 'string') return `⟦${node}⟧`;
  if (typeof node === 'function')
    return (...args: unknown[]) => {
      const text = (node as (...args: unknown[]) => unknown)(...args);
      return typeof text === 'string' ? `⟦${text}⟧` : text;
    };
  return Object.fromEntries(Object.entries(node as object).map(([key, value]) => [key, marked(value)]));
};
const texts = { ...(marked(en) as Texts), lang: 'en', locale: 'en-GB' };

/** The words of a page that readers see or hear, without marked texts and without words of the request, which have no lower case here. */
function unmarkedWords(html: string): string[] {
  const body = html.slice(html.indexOf('<body>')).replace(/<svg.*?<\/svg>|<pre>.*?<\/pre>|&\w+;/gs, '');
  const heard = [...body.matchAll(/ (?:alt|title|aria-label|placeholder)="([^"]*)"/g)].map(([, text]) => text);
  let text = `${body.replace(/<[^>]+>/g, ' ')} ${heard.join(' ')}`;
  // Marked texts may contain others.
  while (/⟦[^⟦⟧]*⟧/.test(text)) text = text.replace(/⟦[^⟦⟧]*⟧/g, ' ');
  return text.match(/\p{Ll}{2,}/gu) ?? [];
}

const base = {
  approvalId: 'A1',
  runId: 'R1',
  userId: 'USER',
  intent: 'INTENT',
  argsSha256: 'SHA',
};
const args = { A: 'VALUE', C: ['X', 'Y'] };
const argument = { pointer: '/A', label: 'LABEL', text: 'TEXT', origin: 'ORIGIN' };
const call = { ...base, tool: 'CRM.X', args, inWords: { sentence: 'SENTENCE', reason: 'WHY', args: [argument] } };
const step = { sentence: 'S', integration: 'CRM', effect: 'write', reason: 'R', notes: ['N'], args: [argument] };
const plan = {
  ...base,
  plan: { goal: 'GOAL', steps: [] } as unknown as Plan,
  planInWords: { goal: 'GOAL', steps: [step, { ...step, effect: 'read' }], result: 'RESULT' },
};
const schema = {
  type: 'object',
  required: ['A'],
  properties: { A: { type: 'string' }, B: { type: 'boolean' }, D: { type: 'string' } },
};
const form = {
  csrf: 'C',
  approve: 'A',
  deny: 'D',
  fields: argumentFields(args, schema),
  faults: [{ pointer: '/A', message: en.faults.text.toUpperCase() }],
};
const about = { texts, integration: { name: 'CRM', host: 'HOST' }, requester: 'KEY' };
const connection = {
  customerIntegrationId: 'CRM',
  registrationId: 'R',
  registeredAt: new Date(),
  name: 'CRM',
  kind: 'openapi',
  host: 'HOST',
  baseUrl: 'https://HOST',
  description: 'D',
  approvalFloor: 'NONE',
  auth: { type: 'API_TOKEN' },
  trustHints: false,
  active: true,
} as const;
const consent = { texts, connection, userId: 'USER', consentToken: 'T', csrf: 'C', intent: 'INTENT' };
const variables = {
  A: { title: 'T', from: 'user', example: 'E', secret: true },
  B: { enum: ['', 'X'], from: 'user' },
} as const;
const entered = { values: {}, secrets: {}, storedSecrets: ['A'], faults: { A: 'T MUST' } };
const view = (from: object, more: object) => ({ ...from, ...more }) as unknown as ApprovalView;
const properties = { A: { type: 'boolean' }, B: { type: 'array', items: { enum: ['X'] } }, C: { enum: ['X'] } };

const pages: Record<string, () => string> = {
  'an open call': () => approvalPage(view(call, { state: 'pending' }), about, form, undefined),
  'a call without arguments': () => approvalPage(view(call, { state: 'pending', args: {} }), about, form),
  'several calls': () =>
    approvalPage(
      view(call, {
        state: 'pending',
        args: [
          { toolCallId: '1', args },
          { toolCallId: '2', args },
        ],
        inWords: { sentence: 'S', args: [], calls: [{ toolCallId: '1', sentence: 'S' }] },
      }),
      about,
      undefined,
    ),
  'a call without words': () => approvalPage(view({ ...call, inWords: undefined }, { state: 'pending' }), about, form),
  'an approved call': () =>
    approvalPage(view(call, { state: 'approved', decidedBy: 'a link', reason: 'R' }), about, undefined),
  'a denied call': () => approvalPage(view(call, { state: 'denied' }), about, undefined),
  'a closed call': () => approvalPage(view(call, { state: 'gone' }), about, undefined),
  'an open plan': () => approvalPage(view(plan, { state: 'pending' }), about, form),
  'a plan under four eyes': () =>
    approvalPage(view(plan, { state: 'pending' }), about, { consoleUrl: 'https://HOST/C' }),
  'an approved plan': () => approvalPage(view(plan, { state: 'approved', decidedBy: 'ANA' }), about, undefined),
  'a plan without words': () =>
    approvalPage(view({ ...plan, planInWords: undefined }, { state: 'gone' }), about, undefined),
  'a consent by token': () => consentFormPage(consent),
  'a consent by password': () =>
    consentFormPage({ ...consent, connection: { ...connection, auth: { type: 'BASIC' } }, workspace: 'W' }),
  'a consent without a known server': () => consentFormPage({ ...consent, scopes: [] }),
  'a consent at a server': () =>
    consentFormPage({ ...consent, scopes: Array(40).fill('S'), authorizationUrl: 'https://AUTH.TEST/A' }),
  'values of variables': () =>
    consentFormPage({ ...consent, connection: { ...connection, variables: variables as never }, entered }),
  'a given consent': () => outcomePage({ texts }, 'success', 'unknown'),
  'a tested token': () => outcomePage({ texts }, 'success', 'accepted'),
  'a refused consent': () => outcomePage({ texts }, 'error'),
  'a form': () => `<body>${formHtml(texts, formFields({ properties }), undefined, [])}`,
  'a refusal': () => refusalPage({ texts }, { title: '⟦x⟧', detail: 'D', original: 'O' }),
};

// The name of the product, and the hosts of URLs, which are in lower case.
const NAMES = new Set(['rrand', 'auth', 'test']);

test.each(Object.entries(pages))('the texts of %s are those of the language', (_, page) => {
  const words = unmarkedWords(page()).filter((word) => !NAMES.has(word));
  expect(words).toEqual([]);
});

test('the check finds a text of its own', () => {
  expect(unmarkedWords('<body><p>⟦text⟧ Approve</p>')).toEqual(['pprove']);
});

test.each(['csrf_failed', 'approval_gone', 'approval_args_changed', 'unavailable', 'not_found'])(
  'the next steps after %s are those of the language',
  (code) => {
    for (const next of linkNextSteps(texts, code)) expect(next).toMatch(/^⟦.*⟧$/);
  },
);

/** All texts that need no arguments, by path. */
function plainTexts(node: unknown, path = ''): [string, string][] {
  if (typeof node === 'string') return [[path, node]];
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => plainTexts(value, `${path}/${key}`));
}

test('German texts differ from English ones, and no text contains markup', () => {
  const german = new Map(plainTexts(de));
  const same = plainTexts(en).filter(([path, text]) => german.get(path) === text);
  expect(same.map(([path]) => path)).toEqual(['/optional', '/token', '/approval/plan']);
  for (const [, text] of [...german, ...plainTexts(en)]) expect(text).not.toMatch(/[<>&"']/);
});

test.each([
  ['found by List accounts', 'gefunden durch List accounts'],
  ['of an item found by List deals, with "open"', 'aus einem Eintrag, gefunden durch List deals, mit "open"'],
  ['from the intent', 'aus dem Auftrag'],
  ['from the context, computed from now', 'aus dem Kontext, aus dem Zeitpunkt berechnet'],
  ['written by a model: "A summary"', 'von einem Modell geschrieben: "A summary"'],
  ['computed with "x"', 'berechnet mit "x"'],
  ['set by the plan', 'vom Plan festgelegt'],
  ['something else', 'something else'],
])('the origin %j is %j in German', (english, german) => {
  expect(de.approval.origin(english)).toBe(german);
  expect(en.approval.origin(english)).toBe(english);
});

test.each([
  ['once for each item found in 1 and 2', 'einmal für jeden Eintrag aus 1 und 2'],
  ['only if what 1 found allows it', 'nur wenn das Ergebnis von 1 es erlaubt'],
  ['after 3', 'nach 3'],
  ['something else', 'something else'],
])('the note %j is %j in German', (english, german) => {
  expect(de.approval.note(english)).toBe(german);
});

test('a German page words the faults of schemas and of variables, and keeps the English detail of other problems apart', () => {
  expect(de.schemaFault('must NOT have more than 200 characters')).toBe('Höchstens 200 Zeichen sind erlaubt.');
  expect(de.schemaFault('must be something new')).toBe('Dieser Wert ist ungültig.');
  expect(de.consent.valueFault('Shop', 'Shop has another form than it should have. Example: acme')).toBe(
    'Shop hat nicht die erwartete Form.',
  );
  expect(de.consent.valueFault('Shop', 'Shop must not be empty.')).toBe('Shop darf nicht leer sein.');
  expect(de.problem({ code: 'approval_gone', detail: 'It is closed.' })).toEqual({
    title: 'Die Freigabe ist geschlossen',
    detail: expect.stringContaining('abgelaufen'),
  });
  const html = refusalPage({ texts: de }, de.problem({ code: 'mcp_failed', detail: 'No <b>.' }));
  expect(html).toContain('<p lang="en">No &lt;b&gt;.</p>');
});
