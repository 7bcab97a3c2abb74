import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rolldown } from 'rolldown';
import { type Caller, overRest } from '../../fixtures/transports.ts';

type Content = string | Buffer | Promise<string>;
/** @property content of the file, for a service at a URL */
type File = { type: string; content: (errandUrl: string) => Content };

const read = (name: string) => readFileSync(new URL(name, import.meta.url));
const page = (content: File['content']): File => ({ type: 'text/html; charset=utf-8', content });
const script = (content: File['content']): File => ({ type: 'text/javascript; charset=utf-8', content });
const packages = new URL('../../../packages/', import.meta.url);
const pageOf = (name: string) =>
  page(() => `<!doctype html><html lang="en"><title>A product</title><script type="module" src="${name}"></script>`);

const files: Readonly<Record<string, File>> = {
  '/': page(() => read('index.html')),
  '/plain-fetch.js': script(() => read('../../recipes/plain-fetch.js')),
  '/watch-run.js': script(() => read('watch-run.js')),
  '/client.html': page(() => read('client.html')),
  '/ask.js': script(() => read('ask.js')),
  '/errand-client.js': script(() => bundleForPages(new URL('client/src/browser/index.ts', packages))),
  '/hooks.html': pageOf('/hooks.js'),
  '/hooks.js': script(() => bundleForPages(new URL('react/src/testing/fixtures/page.tsx', packages))),
  '/readme.html': pageOf('/readme.js'),
  '/readme.js': script(async (errandUrl) => {
    const code = await bundleForPages(new URL('react/src/testing/fixtures/snippet-page.tsx', packages));
    return code.replace('https://errand.example.com', errandUrl);
  }),
};

/** A module with all that it imports. */
async function bundleForPages({ pathname }: URL): Promise<string> {
  const bundle = await rolldown({
    input: pathname,
    platform: 'browser',
    resolve: { conditionNames: ['errand-source', 'import', 'browser', 'default'] },
    // StrictMode runs effects twice in development alone.
    transform: { define: { 'process.env.NODE_ENV': '"development"' } },
  });
  const { output } = await bundle.generate({ format: 'esm' });
  return output[0].code;
}

export type Product = {
  /** The origin of its pages. */
  origin: string;
  /** The credential with which its server mints tokens. Tests set it once Errand runs. */
  errand: Caller;
  /** The tokens that its server has minted. */
  tokens: string[];
  close(): Promise<void>;
};

/**
 * The server of a product: static pages, and a route that mints a user token. Only this server has the API key.
 * @param minutes that each token lives
 */
export async function startProduct({ minutes = 15 } = {}): Promise<Product> {
  const product: Pick<Product, 'errand' | 'tokens'> = { errand: { url: '', apiKey: '' }, tokens: [] };

  const mint = async () => {
    const { url } = product.errand;
    const minted = await overRest(product.errand).userTokens.create({
      userId: 'ada',
      minutes,
      can: ['watch', 'decide', 'connect', 'ask'],
      integrations: ['*'],
      run: { approvalStrategy: 'ON_WRITE' },
    });
    product.tokens.push(minted.token);
    return { errandUrl: url, ...minted };
  };

  const server = createServer(async ({ method, url = '' }, response) => {
    const file = files[url];
    if (file) {
      response.setHeader('content-type', file.type).end(await file.content(product.errand.url));
    } else if (url === '/config') {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ errandUrl: product.errand.url }));
    } else if (method === 'POST' && url === '/session') {
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
