import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { seedData } from './seed/seed.ts';
import { BASE_PATH, type CrmRequest, crmService } from './service.ts';
import { type Vocabulary, vocabulary } from './vocabulary.ts';

export type CrmOptions = {
  /** 0 or absent: any free port, always on 127.0.0.1. */
  readonly port?: number;
  /** Bearer token of the form `crm_…`; random by default. */
  readonly token?: string;
  /** Names of the concepts; the plain names by default. */
  readonly vocabulary?: Vocabulary;
  /** Called with each authenticated request before it is processed; a promise delays the request. */
  readonly onRequest?: (request: CrmRequest) => void | Promise<void>;
  /** Wait before each operation, in milliseconds. */
  readonly latencyMs?: number;
};

/**
 * Starts a CRM with fresh sample data.
 * @throws Error if the token is malformed or the port is in use
 */
export async function startCrm(options: CrmOptions = {}) {
  const token = options.token ?? `crm_${randomBytes(18).toString('base64url')}`;
  if (!/^crm_[\w-]+$/.test(token)) throw new Error('The token of the CRM must be crm_ and letters, digits, - or _.');
  const data = seedData();
  const requests: CrmRequest[] = [];
  const { app, document } = crmService({
    ...options,
    token,
    data,
    requests,
    vocabulary: options.vocabulary ?? vocabulary(),
  });
  await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  document.servers.push({ url: url + BASE_PATH, description: 'Production' });
  return {
    /** Origin, such as `http://127.0.0.1:41234`; the paths of operations begin with `/v1`. */
    url,
    token,
    documentUrl: `${url}/openapi.json`,
    document,
    /** The current rows, in concept names, for tests. */
    data,
    /** Every authenticated request to an operation, oldest first. */
    requests: requests as readonly CrmRequest[],
    /** Closes open connections and frees the port. */
    close: async () => app.close(),
  };
}

export type Crm = Awaited<ReturnType<typeof startCrm>>;
