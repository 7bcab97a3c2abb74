import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type StubService, startStubService } from '../testing/stub-service.ts';
import { createEgress, type EgressOptions, type InstanceEgress } from './egress.ts';
import { PrivateAddresses, type PrivateLimits } from './private-addresses.ts';

const [MINE, THEIRS] = ['workspace-1', 'workspace-2'];
const allowed = new Map<string, Set<string>>();
let stub: StubService;
let redirecting: StubService;
let egress: InstanceEgress;

const portOf = (url: string) => Number(new URL(url).port);
const limits = (more: Partial<PrivateLimits> = {}): PrivateLimits => ({
  machinePorts: [[portOf(stub.origin), portOf(stub.origin)]],
  ownPorts: [4000],
  listeners: () => new Set(['10.0.0.8 4000']),
  ownOrigins: ['https://errand.corp.example'],
  databasePorts: [5432],
  ...more,
});

const opened = (more: Partial<EgressOptions> = {}, limited: Partial<PrivateLimits> = {}) => {
  const workspaces = { originsOf: (id: string) => allowed.get(id) ?? new Set<string>(), limits: limits(limited) };
  const created = createEgress({ workspaces, ...more });
  onTestFinished(() => created.close());
  return created;
};

const get = (url: string, workspaceId?: string, more: object = {}) =>
  (workspaceId === undefined ? egress : egress.forWorkspace(workspaceId)).request({
    method: 'GET',
    url,
    credentials: false,
    tenant: 'tenant',
    ...more,
  });
const refused = { code: 'url_not_allowed', sent: false };

beforeAll(async () => {
  stub = await startStubService((_request, response) => response.end('in'));
  redirecting = await startStubService((request, response) =>
    response.writeHead(302, { location: `${stub.origin}${request.url}` }).end(),
  );
});
afterAll(async () => {
  await stub.close();
  await redirecting.close();
});
beforeEach(() => {
  allowed.clear();
  allowed.set(MINE, new Set([stub.origin]));
  egress = opened();
});

describe('an origin that a workspace allows', () => {
  it('is called for this workspace alone, by every kind of call', async () => {
    expect((await get(`${stub.origin}/x`, MINE)).body.toString()).toBe('in');
    const mine = egress.forWorkspace(MINE);
    const bounds = { tenant: 'tenant', totalMs: 10_000, maxBytes: 1000 };
    expect(await (await mine.fetchFor(bounds)(`${stub.origin}/f`)).text()).toBe('in');
    expect((await mine.checkUrl(`${stub.origin}/c`)).pathname).toBe('/c');

    const before = stub.connections();
    for (const workspaceId of [undefined, THEIRS]) {
      await expect(get(`${stub.origin}/x`, workspaceId)).rejects.toMatchObject(refused);
      const theirs = workspaceId === undefined ? egress : egress.forWorkspace(workspaceId);
      await expect(theirs.fetchFor(bounds)(`${stub.origin}/f`)).rejects.toMatchObject(refused);
      await expect(theirs.checkUrl(stub.origin)).rejects.toMatchObject(refused);
    }
    expect(stub.connections()).toBe(before);
  });

  it('is exact: another scheme, host or port is refused', async () => {
    for (const url of [
      stub.origin.replace('http:', 'https:'),
      stub.origin.replace('127.0.0.1', 'localhost'),
      stub.origin.replace('127.0.0.1', '127.0.0.2'),
      redirecting.origin,
    ])
      await expect(get(url, MINE)).rejects.toMatchObject(refused);
  });

  it('shares no connection with another workspace', async () => {
    allowed.set(THEIRS, new Set([stub.origin]));
    const before = stub.connections();
    for (let n = 0; n < 3; n++) for (const workspaceId of [MINE, THEIRS]) await get(stub.origin, workspaceId);
    expect(stub.connections() - before).toBe(2);
  });

  it('is refused at once after its removal, and its open connections are closed', async () => {
    let open = 0;
    const counting = await startStubService((request, response) => {
      open++;
      request.socket.once('close', () => open--);
      response.end();
    });
    onTestFinished(() => counting.close());
    allowed.set(MINE, new Set([counting.origin]));
    const range = [[portOf(counting.origin), portOf(counting.origin)]] as const;
    egress = opened({}, { machinePorts: range });
    await get(counting.origin, MINE);
    expect(open).toBe(1);

    allowed.set(MINE, new Set());

    await expect(get(counting.origin, MINE)).rejects.toMatchObject(refused);
    await expect.poll(() => open, { timeout: 8000 }).toBe(0);
  });

  it('a redirect is followed only to what the workspace may call, and its refusal names no target', async () => {
    allowed.set(MINE, new Set([redirecting.origin]));
    const range = [
      [portOf(stub.origin), portOf(stub.origin)],
      [portOf(redirecting.origin), portOf(redirecting.origin)],
    ] as const;
    egress = opened({}, { machinePorts: range });
    const refusal = await get(`${redirecting.origin}/r`, MINE, { redirects: 3 }).catch((error) => error);
    expect(refusal).toMatchObject({ code: 'url_not_allowed', remedy: undefined });
    allowed.get(MINE)?.add(stub.origin);
    expect((await get(`${redirecting.origin}/r`, MINE, { redirects: 3 })).body.toString()).toBe('in');
    await expect(get(`${redirecting.origin}/r`, MINE, { credentials: true })).rejects.toMatchObject({
      code: 'upstream_redirect',
    });
  });

  it('calls fail without a request while the origins of the workspace cannot be read', async () => {
    const workspaces = { originsOf: () => Promise.reject(new Error('no database')), limits: limits() };
    egress = opened({ workspaces });
    const ours = { code: 'upstream_unreachable', sent: false, isOurs: true };
    await expect(get(stub.origin, MINE)).rejects.toMatchObject(ours);
  });
});

describe('a name that a workspace allows', () => {
  const named = async (resolved: string[], limited: Partial<PrivateLimits> = {}) => {
    const origin = `http://crm.corp.example:${portOf(stub.origin)}`;
    allowed.set(MINE, new Set([origin]));
    let lookups = 0;
    const resolver = async () => [{ address: resolved[Math.min(lookups++, resolved.length - 1)]!, family: 4 }];
    egress = opened({ resolver }, limited);
    return origin;
  };

  it('may resolve to an address that workspaces may reach', async () => {
    expect((await get(await named(['127.0.0.1']), MINE)).body.toString()).toBe('in');
  });

  it('is refused when it resolves to another address, also after a check', async () => {
    const before = stub.connections();
    const closed = await named(['127.0.0.1'], { machinePorts: [] });
    const remedy = expect.stringMatching(/no workspace may reach its address/);
    await expect(get(closed, MINE)).rejects.toMatchObject({ ...refused, remedy });
    await expect(egress.forWorkspace(MINE).checkUrl(closed)).rejects.toMatchObject({ ...refused, remedy });

    const rebinding = await named(['10.0.0.1', '127.0.0.1'], { machinePorts: [] });
    await egress.forWorkspace(MINE).checkUrl(rebinding);
    await expect(get(rebinding, MINE)).rejects.toMatchObject(refused);
    expect(stub.connections()).toBe(before);
  });

  it('is refused when it resolves to an address at which callers reach this service', async () => {
    const ownOrigins = [`http://errand.corp.example:${portOf(stub.origin)}`];
    await expect(get(await named(['127.0.0.1'], { ownOrigins }), MINE)).rejects.toMatchObject(refused);
  });
});

describe('the addresses that an administrator may allow', () => {
  const rules = () => new PrivateAddresses(limits({ machinePorts: [[8000, 8099]] }), async () => []);

  it.each([
    ['10.0.0.7', 8080],
    ['172.16.0.1', 80],
    ['172.31.255.255', 443],
    ['192.168.1.10', 8080],
    ['100.64.0.1', 8080],
    ['fd12:3456::1', 8080],
    ['93.184.216.34', 8080],
    ['2606:2800:220:1::1', 8080],
    ['127.0.0.1', 8000],
    ['127.8.8.8', 8099],
    ['::1', 8050],
  ])('%s port %i may be allowed', (address, port) => {
    expect(rules().refusalOf(address, port)).toBeUndefined();
  });

  it.each([
    ['169.254.169.254', 'reserved'],
    ['169.254.170.2', 'reserved'],
    ['100.100.100.200', 'reserved'],
    ['168.63.129.16', 'reserved'],
    ['192.0.0.192', 'reserved'],
    ['0.0.0.0', 'reserved'],
    ['224.0.0.1', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['240.0.0.1', 'reserved'],
    ['198.18.0.1', 'reserved'],
    ['fd00:ec2::254', 'reserved'],
    ['fd20:ce::254', 'reserved'],
    ['fd00:c1::a9fe:a9fe', 'reserved'],
    ['fd00:42::42', 'reserved'],
    ['fe80::1', 'reserved'],
    ['fe80::1%eth0', 'reserved'],
    ['fec0::1', 'reserved'],
    ['ff02::1', 'reserved'],
    ['::', 'reserved'],
    ['::ffff:10.0.0.1', 'reserved'],
    ['::ffff:127.0.0.1', 'reserved'],
    ['::10.0.0.1', 'reserved'],
    ['64:ff9b::a00:1', 'reserved'],
    ['64:ff9b:1::a00:1', 'reserved'],
    ['2002:a00:1::', 'reserved'],
    ['2001::1', 'reserved'],
    ['2001:db8::1', 'reserved'],
    ['not an address', 'reserved'],
    ['', 'reserved'],
    ['127.0.0.1', 'machine'],
    ['::1', 'machine'],
  ])('%s may not: %s', (address, refusal) => {
    expect(rules().refusalOf(address, 9000)).toBe(refusal);
  });

  it('addresses of the interfaces of this machine count as the machine', () => {
    const own = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
    for (const { address } of own.filter(({ address }) => !/^(?:fe80:|169\.254\.|192\.0\.2\.)/.test(address))) {
      expect(rules().refusalOf(address, 9000)).toBe('machine');
      expect(rules().refusalOf(address, 8000)).toBeUndefined();
    }
  });

  it('the ports of the service and of its Postgres are closed', () => {
    const all = new PrivateAddresses(limits({ machinePorts: [[1, 65_535]] }), async () => []);
    expect(all.refusalOf('127.0.0.1', 4000)).toBe('own');
    expect(all.refusalOf('10.0.0.7', 4000)).toBeUndefined();
    // Another process of the service.
    expect(all.refusalOf('10.0.0.8', 4000)).toBe('own');
    expect(all.refusalOf('10.0.0.8', 4001)).toBeUndefined();
    for (const address of ['127.0.0.1', '10.0.0.7', 'fd12::1']) expect(all.refusalOf(address, 5432)).toBe('database');
  });

  it.each([
    ['http://metadata.google.internal', /link-local/],
    ['http://169.254.169.254', /link-local/],
    ['http://[fd00:ec2::254]:8080', /link-local/],
    ['https://errand.corp.example', /service itself/],
    ['http://10.0.0.7:5432', /database/],
    ['http://127.0.0.1:1', /not opened/],
  ])('the refusal of %s says why', async (origin, reason) => {
    await expect(egress.checkOrigin(origin)).rejects.toMatchObject({
      code: 'url_not_allowed',
      message: expect.stringMatching(reason),
    });
  });

  it('a name that resolves to a closed address is refused, and one that does not resolve passes', async () => {
    const resolver = async (name: string) => {
      if (name === 'gone.corp.example') throw new Error('ENOTFOUND');
      return [
        { address: '10.0.0.1', family: 4 },
        { address: '169.254.169.254', family: 4 },
      ];
    };
    const resolving = opened({ resolver });
    await expect(resolving.checkOrigin('http://crm.corp.example')).rejects.toThrow(/link-local/);
    await expect(resolving.checkOrigin('http://gone.corp.example')).resolves.toBeUndefined();
  });
});
