import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Programs } from './programs.ts';
import type { Tools } from './tools.ts';

/** The shortest values that Patroni accepts: the key of the leader expires 20 s after its last renewal. */
const DCS = { ttl: 20, loop_wait: 1, retry_timeout: 3 };
export const SUPERUSER = { username: 'postgres', password: 'superuser' };

type MemberOptions = { name: string; postgresPort: number; restPort: number; etcdPort: number; tools: Tools };

/** A Postgres under Patroni. */
export class Member {
  #patroni: ChildProcess | undefined;
  readonly #data: string;
  readonly #config: string;
  readonly name: string;
  readonly address: string;
  readonly restUrl: string;

  constructor(
    private readonly programs: Programs,
    private readonly options: MemberOptions,
  ) {
    const { name, postgresPort, restPort } = options;
    const folder = programs.makeFolder(name);
    this.name = name;
    this.address = `127.0.0.1:${postgresPort}`;
    this.restUrl = `http://127.0.0.1:${restPort}`;
    this.#data = join(folder, 'data');
    this.#config = programs.write(`${name}.json`, JSON.stringify(this.#configOf(folder), null, 1)); // JSON is YAML
  }

  start(): void {
    this.#patroni = this.programs.start(this.name, this.options.tools.patroni, [this.#config]);
  }

  /** Kills Patroni and its Postgres at once, as when a machine is lost. */
  kill(): void {
    const postmaster = Number(readFileSync(join(this.#data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    for (const pid of [this.#patroni!.pid!, postmaster]) process.kill(pid, 'SIGKILL');
  }

  #configOf(folder: string) {
    const rest = this.restUrl.slice('http://'.length);
    const dynamic = { use_pg_rewind: true, parameters: { max_connections: 200 } };
    return {
      scope: 'errand',
      name: this.name,
      restapi: { listen: rest, connect_address: rest },
      etcd3: { host: `127.0.0.1:${this.options.etcdPort}` },
      bootstrap: {
        dcs: { ...DCS, synchronous_mode: true, postgresql: dynamic },
        initdb: [{ encoding: 'UTF8' }, { locale: 'C.UTF-8' }, 'data-checksums'],
      },
      postgresql: {
        listen: this.address,
        connect_address: this.address,
        bin_dir: this.options.tools.postgres,
        data_dir: this.#data,
        pgpass: join(folder, 'pgpass'),
        pg_hba: ['all', 'replication'].map((to) => `host ${to} all 127.0.0.1/32 scram-sha-256`),
        authentication: { superuser: SUPERUSER, replication: { username: 'replicator', password: 'replicator' } },
        parameters: { unix_socket_directories: folder, shared_buffers: '64MB' },
      },
    };
  }
}
