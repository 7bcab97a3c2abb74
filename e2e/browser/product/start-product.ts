import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Caller, overRest } from '../../fixtures/transports.ts';

const read = (name: string) => readFileSync(new URL(name, import.meta.url));
const files: Readonly<Record<string, { type: string; content: Buffer }>> = {
  '/': { type: 'text/html; charset=utf-8', content: read('index.html') },
  '/plain-fetch.js': { type: 'text/javascript; charset=utf-8', content: read('../../recipes/plain-fetch.js') },
  '/watch-run.js': { type: 'text/javascript; charset=utf-8', content: read('watch-run.js') },
};

export type Product = {
  /** The origin of its pages. */
  origin: string;
  /** The credential with which its server mints tokens. Tests set it once Errand runs. */
  errand: Caller;
  /** The tokens that its server has minted. */
  tokens: string[];
  close(): Promise<void>;
};

/** The server of a product: static pages, and a route that mints a user token. Only this server has the API key. */
export async function startProduct(): Promise<Product> {
  const product: Pick<Product, 'errand' | 'tokens'> = { errand: { url: '', apiKey: '' }, tokens: [] };

  const mint = async () => {
    const { url } = product.errand;
    const { token, userId } = await overRest(product.errand).userTokens.create({
      userId: 'ada',
      can: ['watch', 'decide', 'connect', 'ask'],
      integrations: ['*'],
      run: { approvalStrategy: 'ON_WRITE' },
    });
    product.tokens.push(token);
    return { errandUrl: url, userId, token };
  };

  const server = createServer(async (request, response) => {
    const file = files[request.url ?? ''];
    if (file) {
      response.setHeader('content-type', file.type).end(file.content);
    } else if (request.method === 'POST' && request.url === '/session') {
      const session = await mint().catch(() => undefined);
      response.statusCode = session ? 200 : 502;
      response.setHeader('content-type', 'application/json').end(JSON.stringify(session ?? {}));
    } else {
      response.writeHead(404).end();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Another site than 127.0.0.1, not only another port.
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  return Object.assign(product, {
    origin,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}
