import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import { EgressError, isMetadataHost } from './error.ts';
import { isPublicAddress, literalAddress, type Resolver } from './target.ts';

/** The operator's limits of the addresses that workspaces may reach at the origins which their administrators allow. */
export type PrivateLimits = {
  /** Ports of this machine that workspaces may reach, as inclusive ranges. */
  machinePorts: readonly (readonly [first: number, last: number])[];
  /** Ports at which this service listens on this machine. */
  ownPorts: readonly number[];
  /** Where processes of this service listen, also on other machines: an address, a space and a port each. */
  listeners: () => ReadonlySet<string>;
  /** Origins at which callers reach this service. */
  ownOrigins: readonly string[];
  /** Ports of its Postgres. They are closed at every address, so also at replicas and at other names of the host. */
  databasePorts: readonly number[];
};

export type Refusal = 'reserved' | 'own' | 'database' | 'machine';

const refusalTexts: Record<Refusal, { detail: string; remedy: string }> = {
  reserved: {
    detail:
      'No workspace may call this address: it is link-local, a metadata service of a cloud, or not the address of one host.',
    remedy: 'Use the address of the service itself.',
  },
  own: { detail: 'This service itself listens there.', remedy: 'Call another service.' },
  database: {
    detail: 'The database of this service uses this port.',
    remedy: 'Let the service listen on another port.',
  },
  machine: {
    detail: 'The operator has not opened this port of the machine of Errand to workspaces.',
    remedy: 'The operator of this service adds the port to ERRAND_WORKSPACE_LOOPBACK_PORTS and restarts.',
  },
};

/** An origin that no administrator can allow. */
export class OriginRefused extends Error {
  override readonly name = 'OriginRefused';
  readonly code = 'url_not_allowed';
  readonly remedy: string;

  constructor(refusal: Refusal) {
    super(refusalTexts[refusal].detail);
    this.remedy = refusalTexts[refusal].remedy;
  }
}

/** Metadata services at private addresses: Alibaba (v4), AWS, Oracle, Google and Scaleway (v6). The v4 ones of others are link-local. */
const metadataRanges = ['100.100.100.200/32', 'fd00:ec2::/32', 'fd00:c1::/32', 'fd20:ce::/32', 'fd00:42::/32'].map(
  (range) => ipaddr.parseCIDR(range),
);
const privateRanges: ReadonlySet<string> = new Set(['private', 'carrierGradeNat', 'uniqueLocal']);

const portOf = ({ port, protocol }: URL): number => Number(port) || (protocol === 'https:' ? 443 : 80);

/** Decides which addresses and ports a workspace may reach at an origin that its administrators have allowed. */
export class PrivateAddresses {
  constructor(
    private readonly limits: PrivateLimits,
    private readonly resolver: Resolver,
  ) {}

  /** Why no administrator can open a port at an address; undefined if one can. The rule is a list of what is possible. */
  refusalOf(address: string, port: number): Refusal | undefined {
    if (address.includes('%') || !ipaddr.isValid(address)) return 'reserved';
    const ip = ipaddr.parse(address);
    if (!isReachable(ip)) return 'reserved';
    const { machinePorts, ownPorts, databasePorts } = this.limits;
    if (databasePorts.includes(port)) return 'database';
    const isListener = (at: string) => this.limits.listeners().has(`${at} ${port}`);
    if (!isOfThisMachine(ip)) return isListener(ip.toString()) ? 'own' : undefined;
    if (ownPorts.includes(port) || [...ownAddresses()].some(isListener)) return 'own';
    return machinePorts.some(([first, last]) => first <= port && port <= last) ? undefined : 'machine';
  }

  /** The same for an origin, as far as its name resolves now. */
  async refusalOfOrigin(origin: string): Promise<Refusal | undefined> {
    const url = new URL(origin);
    const port = portOf(url);
    if (isMetadataHost(url.hostname)) return 'reserved';
    if (this.limits.ownOrigins.includes(origin)) return 'own';
    if (this.limits.databasePorts.includes(port)) return 'database';
    for (const address of await this.#addressesOf(url)) {
      const refusal = this.refusalOf(address, port) ?? ((await this.#isOwn(address, port)) ? 'own' : undefined);
      if (refusal) return refusal;
    }
    return undefined;
  }

  /** @throws EgressError url_not_allowed for an origin that no workspace may call, as far as its name resolves now */
  async checkOrigin(origin: string): Promise<void> {
    const refusal = await this.refusalOfOrigin(origin);
    if (refusal) throw refusedAddress(`${refusal}: ${origin}`);
  }

  /** @throws EgressError url_not_allowed for an address or port that no workspace may reach */
  check(address: string, port: number): void {
    const refusal = this.refusalOf(address, port);
    if (refusal) throw refusedAddress(`${refusal}: ${address} port ${port}`);
  }

  /** The same before a connection; also refuses addresses at which callers reach this service. @throws EgressError url_not_allowed */
  async checkBefore(address: string, port: number): Promise<void> {
    this.check(address, port);
    if (await this.#isOwn(address, port)) throw refusedAddress(`own: ${address} port ${port}`);
  }

  /** Whether callers reach this service at the address. Its names are resolved only if the port is the same. */
  async #isOwn(address: string, port: number): Promise<boolean> {
    for (const origin of this.limits.ownOrigins) {
      const url = new URL(origin);
      if (portOf(url) === port && (await this.#addressesOf(url)).includes(address)) return true;
    }
    return false;
  }

  async #addressesOf({ hostname }: URL): Promise<string[]> {
    const literal = literalAddress(hostname);
    if (literal !== undefined) return [literal];
    const addresses = await this.resolver(hostname).catch(() => []);
    return addresses.map(({ address }) => address);
  }
}

/** A refusal of a connection to an origin that is allowed. It says nothing about the address. */
const refusedAddress = (reason: string) =>
  new EgressError('url_not_allowed', {
    cause: new Error(reason),
    remedy: 'The origin is allowed for this workspace, but no workspace may reach its address. Ask the operator.',
  });

type Ip = ReturnType<typeof ipaddr.parse>;

const isReachable = (ip: Ip): boolean =>
  !metadataRanges.some(([range, bits]) => range.kind() === ip.kind() && ip.match(range, bits)) &&
  (isOfThisMachine(ip) || privateRanges.has(ip.range()) || isPublicAddress(ip.toString()));

/** Whether an address is loopback or of an interface of this machine. */
function isOfThisMachine(ip: Ip): boolean {
  if (ip.range() === 'loopback') return true;
  const isRoutable = privateRanges.has(ip.range()) || ip.range() === 'unicast';
  return isRoutable && ownAddresses().has(ip.toString());
}

/** The addresses of the interfaces of this machine. */
export const ownAddresses = (): Set<string> =>
  new Set(
    Object.values(networkInterfaces()).flatMap((addresses = []) =>
      addresses.map(({ address }) => ipaddr.parse(address.split('%', 1)[0]!).toString()),
    ),
  );
