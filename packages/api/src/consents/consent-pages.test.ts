import { expect, test } from 'vitest';
import { en } from '../pages/texts/en.ts';
import { consentFormHeaders, consentFormPage, outcomePage, succeededUrl } from './consent-pages.ts';
import { variableFieldsHtml } from './variable-fields.ts';

const connection = {
  customerIntegrationId: 'crm_1a2b3c4d',
  registrationId: '0192f0c1-7a42-7b15-9d22-3e7f9fac1d05',
  registeredAt: new Date(),
  name: '<script>alert(1)</script>',
  kind: 'openapi',
  host: 'crm.example.com',
  baseUrl: 'https://crm.example.com',
  description: '"><img src=x onerror=alert(1)>',
  approvalFloor: 'NONE',
  auth: { type: 'API_TOKEN' },
  trustHints: false,
  active: true,
} as const;
const form = { texts: en, connection, userId: 'ann\u202Egpj', consentToken: '"><b>', csrf: "'x'" };

test('nothing that others wrote is more than text', () => {
  for (const page of [
    consentFormPage(form),
    consentFormPage({ ...form, scopes: [], authorizationUrl: 'https://auth.example.com/a' }),
  ]) {
    expect(page).not.toMatch(/<script|<img|<b>|onerror=alert\(1\)>|\u202E/);
    expect(page).toContain('&lt;script&gt;');
    expect(page).toContain('\\u{202E}');
  }
});

test('the page names the authorization server, or the origin to which an entered token is sent', () => {
  const away = consentFormPage({ ...form, scopes: [], authorizationUrl: 'https://auth.example.com/authorize' });
  expect([away.includes('auth.example.com'), away.includes('type="password"')]).toEqual([true, false]);
  expect(away.replace(/<[^>]+>/g, '')).toContain(
    'You sign in at auth.example.com. The access that you grant there goes to crm.example.com.',
  );
  const here = consentFormPage(form);
  expect([here.includes('type="password"'), here.includes('sent only to crm.example.com')]).toEqual([true, true]);
  expect(outcomePage({ texts: en }, 'success')).toContain('Connected');
});

test('forms lead to where they must, and nothing is loaded', () => {
  const policy = consentFormHeaders(['https://auth.example.com/a', undefined, 'http://127.0.0.1:5000/done'])[
    'content-security-policy'
  ];
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("form-action 'self' https: https://auth.example.com http://127.0.0.1:5000");
  expect(consentFormHeaders([])['content-security-policy']).toContain("form-action 'self';");
});

test('the page warns of links from other people unless the product confirms the user', () => {
  const textOf = (page: string) => page.replace(/<[^>]+>/g, '');
  expect(textOf(consentFormPage({ ...form, workspace: 'Acme & Co' }))).toContain(
    'Continue only if you came here from Acme &amp; Co yourself. Do not continue if another person sent you this link.',
  );
  expect(textOf(consentFormPage(form))).toContain('Continue only if you came here from that app yourself.');
  expect(consentFormPage({ ...form, isVerified: true })).not.toContain('another person');
});

test('the URL after a success keeps its own parameters', () => {
  expect(succeededUrl('https://app.example.com/a?of=1')).toBe('https://app.example.com/a?of=1&status=success');
});

test('the pattern of a variable is checked by the service alone: browsers could backtrack without end', () => {
  const variables = { site: { from: 'user', pattern: '^[a-z]+$' } } as const;
  const entered = { values: {}, secrets: {}, stored: [], faults: {} };
  const page = variableFieldsHtml(en, { ...connection, variables }, entered as never);
  expect(page).toContain('name="variable.site"');
  expect(page).not.toContain('pattern');
});
