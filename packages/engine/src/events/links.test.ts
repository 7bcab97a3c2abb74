import type { KeyPrincipal, Scope, UserTokenPrincipal } from '@errand/contracts';
import { expect, test } from 'vitest';
import { createLinkAdder, type Links } from './links.ts';

const links: Links = {
  approvalLinks: (_, id) => [{ action: 'approve', url: `https://e.example/approval/${id}` }] as never,
  questionLink: (_, id) => `https://e.example/question/${id}`,
  inputLink: (_, id) => `https://e.example/input/${id}`,
  consentLink: (_, id) => `https://e.example/connect/${id}`,
};
const scopes: Scope[] = ['runs:read', 'approvals:decide', 'connections:write'];
const key = { kind: 'api_key', scopes } as unknown as KeyPrincipal;
const token = (tokenScopes: Scope[]) => ({ kind: 'user_token', scopes: tokenScopes }) as unknown as UserTokenPrincipal;

const requests: [string, object][] = [
  ['run_approval', { type: 'run_approval', approvalId: 'a' }],
  ['question', { type: 'question', requestId: 'q' }],
  ['input', { type: 'input', requestId: 'i' }],
  ['step', { type: 'step', step: { approval: 'PENDING', approvalId: 'a' } }],
];

test.each(requests)('a user token gets no link of a %s, with all abilities', (type, event) => {
  const text = JSON.stringify(event);
  expect(createLinkAdder(links, 'w', key)(type, text)).toContain('https://e.example/');
  expect(JSON.parse(createLinkAdder(links, 'w', token(scopes))(type, text))).toEqual(event);
});

test('a user token gets consent links with connect alone', () => {
  const text = JSON.stringify({ type: 'authentication', auth: { status: 'required', consentId: 'c' } });
  expect(createLinkAdder(links, 'w', token(scopes))('authentication', text)).toContain('https://e.example/connect/c');
  expect(createLinkAdder(links, 'w', token(['runs:read']))('authentication', text)).not.toContain('https://');
});

test.each([
  ['run_action', { type: 'run_action', decidedBy: 'Ben', reason: 'Fine' }],
  ['effect', { type: 'effect', decidedBy: 'Ben', reason: 'Fine' }],
  ['answer', { type: 'answer', answeredBy: 'Ben', reason: 'Fine' }],
])('a user token reads no name in the event %s', (type, event) => {
  const text = JSON.stringify(event);
  expect(createLinkAdder(links, 'w', key)(type, text)).toBe(text);
  expect(JSON.parse(createLinkAdder(undefined, 'w', token(scopes))(type, text))).toEqual({ type, reason: 'Fine' });
});
