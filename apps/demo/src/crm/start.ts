import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { CrmData } from './data.ts';
import type { CrmDocument } from './document.ts';
import { seedData } from './seed/seed.ts';
import { BASE_PATH, type CrmRequest, crmService } from './service.ts';
import { type Vocabulary, vocabulary } from './vocabulary.ts';

export type CrmOptions = {
  /** 0 or absent: any free port. Always bound to 127.0.0.1. */
  readonly port?: number;
  /** Bearer token of the form `crm_…`; a random one when absent. */
  readonly token?: string;
  /** What things are called; the plain names when absent. */
  readonly vocabulary?: Vocabulary;
  /** Called with each authenticated request before it is carried out; a promise holds it back. */
  readonly onRequest?: (request: CrmRequest) => void | Promise<void>;
  /** Wait before each operation, in milliseconds. */
  readonly latencyMs?: number;
};

export type Crm = {
  /** Origin, such as `http://127.0.0.1:41234`; the operations stand under `/v1` as the document's server says. */
  readonly url: string;
  readonly token: string;
  readonly documentUrl: string;
  readonly document: CrmDocument;
  /** The live rows, in concept names, for expectations. */
  readonly data: Readonly<CrmData>;
  /** Every authenticated request to an operation, oldest first. */
  readonly requests: readonly CrmRequest[];
  /** Cuts open connections and frees the port. */
  close(): Promise<void>;
};

/**
 * Starts a CRM with fresh sample data.
 * @throws Error when the token is malformed or the port is taken
 */
export async function startCrm(options: CrmOptions = {}): Promise<Crm> {
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
  return { url, token, documentUrl: `${url}/openapi.json`, document, data, requests, close: () => app.close() };
}
