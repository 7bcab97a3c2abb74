import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../fixtures/free-port.ts';
import { haproxyOf } from './haproxy.ts';
import { Member, SUPERUSER } from './member.ts';
import { Programs } from './programs.ts';
import { findTools, type Tools } from './tools.ts';

type MemberState = { name: string; role: string; state: string };
/** The URL of a login. */
export type UrlOf = (login: string, password: string, database?: string) => string;

const REQUEST_MS = 2000;
const SETTLE_MS = 120_000;

const urlAt =
  (hosts: string): UrlOf =>
  (login, password, database = 'errand') =>
    `postgresql://${login}:${password}@${hosts}/${database}`;

/** etcd, two members of Patroni with synchronous replication, and HAProxy in front of them. */
export class PatroniCluster {
  readonly byList: UrlOf;

  private constructor(
    private readonly programs: Programs,
    private readonly members: readonly Member[],
    readonly throughProxy: UrlOf,
  ) {
    this.byList = urlAt(members.map(({ address }) => address).join(','));
  }

  static async start(): Promise<PatroniCluster> {
    const tools = findTools();
    const programs = await Programs.inNewFolder();
    const [etcdPort, peerPort, proxyPort, ...ports] = await Promise.all(Array.from({ length: 7 }, freePort));
    startEtcd(programs, tools, [etcdPort!, peerPort!]);
    const members = ['a', 'b'].map((name, index) => {
      const [postgresPort, restPort] = ports.slice(2 * index) as [number, number];
      return new Member(programs, { name, postgresPort, restPort, etcdPort: etcdPort!, tools });
    });
    const proxy = `127.0.0.1:${proxyPort}`;
    const config = programs.write('haproxy.cfg', haproxyOf(proxy, members));
    programs.start('haproxy', tools.haproxy, ['-db', '-f', config]);
    for (const member of members) member.start();
    return new PatroniCluster(programs, members, urlAt(proxy));
  }

  get folder(): string {
    return this.programs.folder;
  }

  leader = (): Promise<Member | undefined> => this.#memberWith('leader');

  /** Resolves with the leader when the other member is its synchronous standby. */
  async settled(): Promise<Member> {
    for (const end = Date.now() + SETTLE_MS; Date.now() < end; await sleep(250)) {
      const [leader, standby] = [await this.leader(), await this.#memberWith('sync_standby')];
      if (leader && standby) return leader;
    }
    const logs = ['etcd', 'a', 'b'].map((name) => `${name}:\n${this.programs.endOfLog(name)}`).join('\n');
    const states = JSON.stringify(await this.#states());
    throw new Error(`The cluster has no leader with a synchronous standby: ${states}\n${logs}`);
  }

  /** Asks Patroni to swap the roles. */
  async switchOver(leader: Member): Promise<void> {
    const candidate = this.members.find((member) => member !== leader)!.name;
    const answer = await fetch(`${leader.restUrl}/switchover`, {
      method: 'POST',
      body: JSON.stringify({ leader: leader.name, candidate }),
      headers: { 'content-type': 'application/json' },
    });
    if (!answer.ok) throw new Error(`Patroni refused the switchover: ${await answer.text()}`);
  }

  /** Executes statements as the superuser, at the leader. @returns the rows of the last one */
  async administer(database: string, statements: readonly string[]): Promise<pg.QueryResultRow[]> {
    const { address } = await this.settled();
    const { username, password } = SUPERUSER;
    const client = new pg.Client({ connectionString: urlAt(address)(username, password, database) });
    await client.connect();
    try {
      let rows: pg.QueryResultRow[] = [];
      for (const statement of statements) ({ rows } = await client.query(statement));
      return rows;
    } finally {
      await client.end();
    }
  }

  end = (): Promise<void> => this.programs.end();

  async #states(): Promise<MemberState[]> {
    for (const { restUrl } of this.members) {
      const answer = await fetch(`${restUrl}/cluster`, { signal: AbortSignal.timeout(REQUEST_MS) }).catch(
        () => undefined,
      );
      if (answer?.ok) return ((await answer.json()) as { members: MemberState[] }).members;
    }
    return [];
  }

  async #memberWith(role: string): Promise<Member | undefined> {
    const states = await this.#states();
    const found = states.find((member) => member.role === role && ['running', 'streaming'].includes(member.state));
    return this.members.find(({ name }) => name === found?.name);
  }
}

function startEtcd(programs: Programs, { etcd }: Tools, [port, peerPort]: readonly [number, number]): void {
  const [client, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`];
  const settings = {
    'data-dir': programs.makeFolder('etcd'),
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
    'log-level': 'warn',
  };
  const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  programs.start('etcd', etcd, [...args, '--unsafe-no-fsync']);
}
