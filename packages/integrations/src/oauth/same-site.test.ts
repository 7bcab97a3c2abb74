import { expect, test } from 'vitest';
import { isSameSite } from './protected-service.ts';

const at = (origin: string, more: object = {}) => ({
  issuer: origin,
  authorizationUrl: `${origin}/authorize`,
  tokenUrl: `${origin}/token`,
  ...more,
});
const SERVICE = 'https://mcp.example.com/mcp';

test.each<[string, string, object?]>([
  ['the same host', 'https://mcp.example.com'],
  ['a subdomain', 'https://auth.mcp.example.com'],
])('%s is of its site', (_, origin, more) => {
  expect(isSameSite(at(origin, more), new URL(SERVICE))).toBe(true);
});

test.each<[string, string, object?, string?]>([
  ['another domain', 'https://auth.victim.example'],
  ['a sibling', 'https://auth.example.com'],
  ['a parent', 'https://example.com'],
  ['a name that only ends alike', 'https://evilmcp.example.com'],
  ['a sibling below a public suffix', 'https://victim.github.io', {}, 'https://evil.github.io/mcp'],
  ['another port', 'http://127.0.0.1:5001', {}, 'http://127.0.0.1:5000/mcp'],
  ['another port of a name', 'https://mcp.example.com:8443'],
  ['what ends like an address', 'https://1.127.0.0.1.example', {}, 'https://127.0.0.1/mcp'],
  ['another host in front of an IPv6 address', 'https://[2001:db8::2]', {}, 'https://[2001:db8::1]/mcp'],
  ['another machine of a name without a dot', 'http://auth.localhost', {}, 'http://localhost/mcp'],
  [
    'its own issuer, where users sign in elsewhere',
    'https://mcp.example.com',
    { authorizationUrl: 'https://victim.example/a' },
  ],
  [
    'its own issuer with the registration elsewhere',
    'https://mcp.example.com',
    { registrationUrl: 'https://victim.example/r' },
  ],
  ['its own issuer with the tokens elsewhere', 'https://mcp.example.com', { tokenUrl: 'https://victim.example/t' }],
])('%s is not', (_, origin, more, service = SERVICE) => {
  expect(isSameSite(at(origin, more), new URL(service))).toBe(false);
});
