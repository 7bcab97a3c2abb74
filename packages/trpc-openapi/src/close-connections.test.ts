// A server that stops: what happens to the connections that it has at that moment, and to those that it accepts afterwards.
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { mountProblems, serverOptions } from './index.ts';
import { errors } from './testing/fixtures/notes.ts';

/** A promise that a test settles. */
function barrier() {
  let pass = () => {};
  const passed = new Promise<void>((resolve) => (pass = resolve));
  return { passed, pass };
}

/**
 * A server that answers `/held`, and the end of `/begun`, once the test lets it.
 * @param duringStop called while it stops, when it still accepts connections
 */
async function aServer(duringStop = async (_: FastifyInstance) => {}) {
  const app = Fastify(serverOptions({ errors }));
  const leaving = new AbortController();
  mountProblems(app, { errors, leaving: leaving.signal });
  const [arrived, answering, stopping] = [barrier(), barrier(), barrier()];
  app.get('/fast', () => 'fast');
  app.get('/held', async () => {
    arrived.pass();
    await answering.passed;
    return 'held';
  });
  app.get('/begun', async (_, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-length': 5 });
    reply.raw.flushHeaders();
    arrived.pass();
    await answering.passed;
    reply.raw.end('begun');
  });
  app.addHook('preClose', () => duringStop(app));
  app.post('/body', () => 'body');
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { close } = app.server;
  app.server.close = (then) => {
    const server = close.call(app.server, then);
    stopping.pass();
    return server;
  };
  onTestFinished(() => {
    answering.pass();
    app.server.closeAllConnections();
  });
  return {
    app,
    /** A request has reached its handler. */
    arrived: arrived.passed,
    answer: answering.pass,
    /** The server leaves soon: it serves every request, and keeps no connection. */
    leave: () => leaving.abort(),
    /** Stops the server. Settles once it has closed its idle connections. */
    stop: async () => {
      const closed = app.close();
      await stopping.passed;
      return { closed };
    },
  };
}

type Client = Socket & { text: () => string };

/** A connection that the server has accepted, and that has sent these bytes. */
async function open(app: FastifyInstance, bytes = ''): Promise<Client> {
  const accepted = once(app.server, 'connection') as Promise<[Socket]>;
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  onTestFinished(() => void socket.destroy());
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  const [[served]] = await Promise.all([accepted, once(socket, 'connect')]);
  socket.write(bytes);
  await expect.poll(() => served.bytesRead).toBe(bytes.length);
  return Object.assign(socket, { text: () => text });
}

/** Settles once the server has closed the connection. */
const closedBy = async (client: Client) => {
  if (!client.closed) await once(client, 'close');
};

const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;
const HALF_A_HEADER = 'GET /fast HTTP/1.1\r\nhost: x\r\nx-h';
const HALF_A_BODY = 'POST /body HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{';

test('a request under way is answered with `connection: close`, and its connection is closed', async () => {
  const { app, arrived, answer, stop } = await aServer();
  const client = await open(app, get('/held'));
  await arrived;
  const { closed } = await stop();
  answer();
  await closed;
  await closedBy(client);
  expect(client.text()).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  expect(client.text().toLowerCase()).toContain('\r\nconnection: close\r\n');
  expect(client.text()).toMatch(/held$/);
});

test('a connection whose answer had begun is closed after its end', async () => {
  const { app, arrived, answer, stop } = await aServer();
  const client = await open(app, get('/begun'));
  await arrived;
  const { closed } = await stop();
  answer();
  await closed;
  await closedBy(client);
  expect(client.text()).toMatch(/begun$/);
});

test('an agent that keeps connections alive keeps none', async () => {
  const { app, arrived, answer, stop } = await aServer();
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const { port } = app.server.address() as AddressInfo;
  const responded = once(request({ port, path: '/held', agent }).end(), 'response');
  await arrived;
  const { closed } = await stop();
  answer();
  const [response] = await responded;
  response.resume();
  await closed;
});

test('answers to requests that were sent together all arrive', async () => {
  const { app, arrived, answer, stop } = await aServer();
  const client = await open(app, get('/held') + get('/held'));
  await arrived;
  const { closed } = await stop();
  answer();
  await closed;
  await closedBy(client);
  expect(client.text().match(/held/g)).toHaveLength(2);
});

test('a request on a connection that is accepted during the stop is refused until later', async () => {
  const clients: Client[] = [];
  const { app } = await aServer(async (stopping) => void clients.push(await open(stopping, get('/fast'))));
  await app.close();
  const [client] = clients as [Client];
  await closedBy(client);
  expect(client.text()).toMatch(/^HTTP\/1.1 503 /);
  expect(client.text().toLowerCase()).toContain('\r\nretry-after: 1\r\n');
});

const UPGRADE = `${get('/fast').slice(0, -2)}connection: upgrade\r\nupgrade: h2c\r\n\r\n`;

test('connections without a whole request do not hold up the stop, before it began and during it', async () => {
  const openAll = async (app: FastifyInstance) => {
    for (const bytes of ['', HALF_A_HEADER, HALF_A_BODY, UPGRADE]) await open(app, bytes);
  };
  const { app } = await aServer(openAll);
  await openAll(app);
  await app.close();
});

test('a connection that has sent half a header may send the rest', async () => {
  const { app, stop } = await aServer();
  const client = await open(app, HALF_A_HEADER);
  const { closed } = await stop();
  client.write(': x\r\n\r\n');
  await closed;
  await closedBy(client);
  expect(client.text()).toMatch(/^HTTP\/1.1 503 /);
});

test('neither an answer that never ends nor a client that reads nothing holds up the stop', async () => {
  const { app, arrived, stop } = await aServer();
  app.server.prependListener('request', (_, answer) => answer.write(Buffer.alloc(32 * 2 ** 20)));
  const client = await open(app);
  client.pause();
  client.write(get('/held'));
  await arrived;
  const { closed } = await stop();
  await closed;
});

const isClosed = (client: Client) => client.text().toLowerCase().includes('\r\nconnection: close\r\n');

test('a server that leaves serves requests on old and new connections, and closes each after its answer', async () => {
  const { app, leave } = await aServer();
  const early = await open(app, get('/fast'));
  await expect.poll(early.text).toMatch(/fast$/);
  expect(isClosed(early)).toBe(false);
  leave();
  expect(early.closed).toBe(false);
  early.write(get('/fast'));
  const late = await open(app, get('/fast'));
  for (const client of [early, late]) {
    await closedBy(client);
    expect(client.text()).not.toContain(' 503 ');
    expect(client.text()).toMatch(/fast$/);
    expect(isClosed(client)).toBe(true);
  }
  await app.close();
});

test('a server that leaves answers all requests that were sent together, before and after it began to leave', async () => {
  const { app, arrived, answer, leave } = await aServer();
  const early = await open(app, get('/held') + get('/held'));
  await arrived;
  leave();
  const late = await open(app, get('/held') + get('/held'));
  answer();
  for (const client of [early, late]) {
    await closedBy(client);
    expect(client.text().match(/held/g)).toHaveLength(2);
    expect(
      client
        .text()
        .toLowerCase()
        .match(/connection: close/g),
    ).toHaveLength(1);
  }
  await app.close();
});
