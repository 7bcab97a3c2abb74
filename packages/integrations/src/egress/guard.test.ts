import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StubService, startStubService } from '../testing/stub-service.ts';
import { createEgress, type Egress } from './egress.ts';

let stub: StubService;
let egress: Egress;
const bounds = { tenant: 'model', totalMs: 10_000, maxBytes: 100_000 };
const port = () => new URL(stub.origin).port;

beforeAll(async () => {
  stub = await startStubService((_request, response) => response.end('in'));
  egress = createEgress({
    resolver: async (name) => {
      if (name === 'mixed.example.com')
        return [
          { address: '93.184.216.34', family: 4 },
          { address: '127.0.0.1', family: 4 },
        ];
      if (name === 'mapped.example.com') return [{ address: '::ffff:127.0.0.1', family: 6 }];
      return [{ address: '127.0.0.1', family: 4 }];
    },
  });
});
afterAll(async () => {
  await egress.close();
  await stub.close();
});

const refused = [
  'http://127.0.0.1:PORT/',
  'https://127.0.0.1:PORT/',
  'http://localhost:PORT/',
  'https://localhost/',
  'https://localhost./',
  'https://a.localhost/',
  'http://example.com/',
  'https://example.com:22/',
  'https://example.com:8443/',
  'https://user:pass@example.com/',
  'https://user@example.com/',
  'ftp://example.com/',
  'file:///etc/passwd',
  'gopher://example.com/',
  'data:text/plain,x',
  'javascript:1',
  'not a url',
  '',
  '//example.com',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0x7f.1/',
  'https://0177.0.0.1/',
  'https://127.1/',
  'https://0/',
  'https://①②⑦.⓪.⓪.①/',
  'https://127。0。0。1/',
  'https://127.0.0.1./',
  'https://10.0.0.1/',
  'https://172.16.0.1/',
  'https://192.168.1.1/',
  'https://169.254.169.254/latest/meta-data/',
  'https://100.100.100.200/',
  'https://192.0.0.192/',
  'https://198.18.0.1/',
  'https://168.63.129.16/',
  'https://224.0.0.1/',
  'https://255.255.255.255/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::127.0.0.1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[2002:7f00:1::]/',
  'https://[2001::1]/',
  'https://[fe80::1]/',
  'https://[fd00:ec2::254]/',
  'https://[fec0::1]/',
  'https://[ff02::1]/',
  'https://[2001:db8::1]/',
  'https://intranet/',
  'https://db.internal/',
  'https://printer.local/',
  'https://1.0.0.127.in-addr.arpa/',
  'https://mixed.example.com/',
  'https://mapped.example.com/',
  'https://private.example.com/',
];

describe('the guard', () => {
  it.each(refused)('refuses %s before anything is sent', async (template) => {
    const url = template.replace('PORT', port());
    const before = stub.connections();

    await expect(egress.request({ method: 'GET', url, credentials: false })).rejects.toMatchObject({
      code: 'url_not_allowed',
      message: 'The URL may not be called.',
      sent: false,
    });
    await expect(egress.checkUrl(url)).rejects.toMatchObject({ code: 'url_not_allowed' });
    await expect(egress.fetchFor(bounds)(url)).rejects.toMatchObject({ code: 'url_not_allowed' });

    expect(stub.connections()).toBe(before);
  });

  it.each([
    ['https://private.example.com/x', 'https://private.example.com'],
    ['https://intranet:8443/', 'https://intranet:8443'],
    ['http://93.184.216.34/', 'http://93.184.216.34'],
    ['https://[::ffff:10.0.0.1]/', 'https://[::ffff:a00:1]'],
  ])('says of %s which origin can be allowed and how, and no address of a name', async (url, origin) => {
    const remedy = `An administrator can allow it for the workspace: PUT /v1/workspace/origins with {"origin":"${origin}"}. Or the operator of this service adds ${origin} to ERRAND_EGRESS_ALLOW and restarts.`;
    for (const attempt of [egress.request({ method: 'GET', url, credentials: false }), egress.checkUrl(url)])
      await expect(attempt).rejects.toMatchObject({ code: 'url_not_allowed', remedy });
    const allowing = createEgress({ allowOrigins: [origin] });
    expect((await allowing.checkUrl(url)).origin).toBe(origin);
    await allowing.close();
  });

  it.each([
    'http://169.254.169.254/',
    'http://[::ffff:169.254.169.254]/',
    'http://168.63.129.16/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://metadata.google.internal./',
    'http://user@10.0.0.1/',
    'ftp://10.0.0.1/',
  ])('does not suggest to allow %s', async (url) => {
    await expect(egress.checkUrl(url)).rejects.toMatchObject({ code: 'url_not_allowed', remedy: undefined });
  });

  it('checks the answer that is connected to, not one from before', async () => {
    let lookups = 0;
    const rebinding = createEgress({
      resolver: async () => [{ address: lookups++ === 0 ? '93.184.216.34' : '127.0.0.1', family: 4 }],
    });

    await rebinding.checkUrl('https://rebind.example.com/');
    const call = rebinding.request({ method: 'GET', url: 'https://rebind.example.com/', credentials: false });

    await expect(call).rejects.toMatchObject({ code: 'url_not_allowed' });
    expect(lookups).toBe(2);
    await rebinding.close();
  });

  it('lets a registered name pass that cannot be resolved for the moment', async () => {
    const offline = createEgress({ resolver: async () => Promise.reject(new Error('ENOTFOUND')) });
    await expect(offline.checkUrl('https://api.example.com/v1')).resolves.toMatchObject({ host: 'api.example.com' });
    await offline.close();
  });

  it('opens exactly the origins that the operator names', async () => {
    const open = createEgress({ allowOrigins: [stub.origin] });
    const { origin } = stub;

    expect((await open.request({ method: 'GET', url: `${origin}/x`, credentials: true })).body.toString()).toBe('in');
    for (const url of [
      origin.replace('127.0.0.1', 'localhost'),
      origin.replace('http:', 'https:'),
      'http://127.0.0.1:1/',
    ]) {
      await expect(open.request({ method: 'GET', url, credentials: false })).rejects.toMatchObject({
        code: 'url_not_allowed',
      });
    }
    await open.close();
  });

  it.each(['127.0.0.1', '127.0.0.0/8', 'http://127.0.0.1:1/path', 'http://u@127.0.0.1:1', '*', 'ftp://x.y'])(
    'does not take %s for an origin',
    (origin) => {
      expect(() => createEgress({ allowOrigins: [origin] })).toThrow(/must be a scheme, a host and a port/);
    },
  );
});
