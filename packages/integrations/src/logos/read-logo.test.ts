// Logos of hostile servers: none is stored, and none takes long.
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MAX_LOGO_BYTES } from '@errand/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEgress, type InstanceEgress } from '../egress/egress.ts';
import { addressesOf, createLogoReader } from './read-logo.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
const largest = Buffer.concat([PNG, Buffer.alloc(MAX_LOGO_BYTES - PNG.length)]);
let metadataRequests = 0;

const answers: Record<string, RequestListener> = {
  '/logo.png': (_, response) => void response.end(PNG),
  '/as-text': (_, response) => void response.setHeader('content-type', 'text/html').end(PNG),
  '/largest': (_, response) => void response.end(largest),
  '/moved': (_, response) => void response.writeHead(302, { location: '/logo.png' }).end(),
  '/svg': (_, response) => void response.setHeader('content-type', 'image/png').end(SVG),
  '/html': (_, response) => void response.end(Buffer.concat([PNG.subarray(0, 8), Buffer.from(SVG)])),
  '/too-large': (_, response) => void response.end(Buffer.concat([largest, Buffer.alloc(1)])),
  '/endless': (_, response) => {
    response.write(PNG);
    const more = () => {
      while (response.write(Buffer.alloc(16_384)));
      response.once('drain', more);
    };
    more();
  },
  '/slow': (_, response) => void response.write(PNG.subarray(0, 20)),
  '/silent': () => {},
  '/metadata': (_, response) => void response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
  '/inside': (_, response) => void response.writeHead(302, { location: inside }).end(),
  '/loop': (_, response) => void response.writeHead(302, { location: '/loop' }).end(),
  '/failed': (_, response) => void response.writeHead(500).end(PNG),
  '/nothing': (_, response) => void response.end(),
};
const listen = (listener: RequestListener) => {
  const server = createServer(listener).listen(0, '127.0.0.1');
  return { server, origin: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};
const icons = listen((request, response) => answers[request.url!]!(request, response));
/** A server that no one allowed. */
const secret = listen((_, response) => {
  metadataRequests++;
  response.end(PNG);
});
let inside: string;
let egress: InstanceEgress;
beforeAll(() => {
  inside = `${secret.origin()}/logo.png`;
  egress = createEgress({ allowOrigins: [icons.origin()] });
});
afterAll(async () => {
  await egress.close();
  for (const { server } of [icons, secret]) {
    server.closeAllConnections();
    server.close();
  }
});

const read = (path: string) =>
  createLogoReader(egress, { totalMs: 2_000, eachMs: 300 })({
    workspaceId: '0192f0c1-7a42-7b15-9d22-3e7f9fac1d05',
    logoUrl: path.startsWith('/') ? icons.origin() + path : path,
    baseUrl: icons.origin(),
  });

test.each(['/logo.png', '/as-text', '/largest', '/moved'])('%s is a logo', async (path) => {
  expect(await read(path)).toMatchObject({ type: 'image/png' });
});

test.each([
  ...['/svg', '/html', '/too-large', '/endless', '/slow', '/silent', '/metadata', '/inside', '/loop', '/failed'],
  ...['/nothing', 'http://169.254.169.254/latest', 'file:///etc/passwd', 'data:image/png;base64,AA', 'no address'],
])('%s is none', async (path) => {
  expect(await read(path)).toBeUndefined();
  expect(metadataRequests).toBe(0);
});

test('no more than twenty are read at the same time', async () => {
  const readLogo = createLogoReader(egress, { totalMs: 300, eachMs: 300 });
  const service = { workspaceId: '0192f0c1-7a42-7b15-9d22-3e7f9fac1d05', baseUrl: icons.origin() };
  const silent = Array.from({ length: 20 }, () => readLogo({ ...service, logoUrl: `${icons.origin()}/silent` }));
  expect(await readLogo({ ...service, logoUrl: `${icons.origin()}/logo.png` })).toBeUndefined();
  await Promise.all(silent);
  expect(await readLogo({ ...service, logoUrl: `${icons.origin()}/logo.png` })).toBeDefined();
});

test.each([
  [
    { baseUrl: 'https://api.example.com/v1' },
    ['https://api.example.com/favicon.ico', 'https://example.com/favicon.ico'],
  ],
  [{ baseUrl: 'https://crm.example.com' }, ['https://crm.example.com/favicon.ico']],
  [{ baseUrl: 'http://crm.example.com' }, []],
  [{ baseUrl: 'https://{shop}.example.com', logoUrl: 'https://a.example/l.png' }, ['https://a.example/l.png']],
])('%j leads to %j', (places, addresses) => {
  expect(addressesOf(places)).toEqual(addresses);
});
