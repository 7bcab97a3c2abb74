// When a server stops, Node closes the connections that are idle at that moment, and checks no timeouts from then on. Any other
// connection would delay the end of the stop until its client leaves. A server that leaves soon still serves every request, and closes
// each connection after its next answer, so that clients do not send a request on a connection that is being closed.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** Connections without a complete request are closed this many ms after the stop began. */
const REQUEST_MS = 3000;
/** Every connection is closed this many ms after the stop began: a request waits no longer than that for the database. */
const ANSWER_MS = 10_000;

type Connection = {
  socket: IncomingMessage['socket'];
  /** The unfinished answers, oldest first. */
  answers: Set<ServerResponse>;
  /** Bytes that had arrived at the end of the last answer. */
  bytesRead: number;
};

/**
 * Closes each connection when the server stops: at once when it is idle, else after its answer.
 * @param leaving aborted some time before the stop: each answer from then on ends its connection
 */
export function closeConnections(fastify: FastifyInstance, leaving?: AbortSignal): void {
  const { server } = fastify;
  const connections = new Map<Connection['socket'], Connection>();
  let closing = false;
  server.on('connection', (socket: Connection['socket']) => {
    connections.set(socket, { socket, answers: new Set(), bytesRead: 0 });
    socket.once('close', () => connections.delete(socket));
  });
  // Before Fastify, which answers some requests immediately.
  server.prependListener('request', ({ socket }: IncomingMessage, answer: ServerResponse) => {
    const connection = connections.get(socket);
    if (!connection) return;
    connection.answers.add(answer);
    if (closing) answer.setHeader('retry-after', '1');
    else if (leaving?.aborted) endWithLastAnswer(connection);
    answer.once('close', () => {
      connection.answers.delete(answer);
      connection.bytesRead = socket.bytesRead;
      if (closing && connection.answers.size === 0) socket.destroySoon();
    });
  });
  const onLeaving = () => connections.forEach(endWithLastAnswer);
  leaving?.addEventListener('abort', onLeaving, { once: true });
  fastify.addHook('preClose', async () => {
    closing = true;
    leaving?.removeEventListener('abort', onLeaving);
    for (const connection of connections.values()) startClosing(connection);
    const limits = [
      setTimeout(() => destroy(connections, hasIncompleteRequest), REQUEST_MS),
      setTimeout(() => destroy(connections, () => true), ANSWER_MS),
    ];
    server.once('close', () => limits.forEach(clearTimeout));
  });
}

function startClosing(connection: Connection): void {
  const { socket, answers, bytesRead } = connection;
  endWithLastAnswer(connection);
  if (answers.size === 0 && socket.bytesRead === bytesRead) socket.destroy();
}

/** Of pipelined requests, the connection ends with the last answer. */
function endWithLastAnswer({ answers }: Connection): void {
  const unsent = [...answers].filter(({ headersSent }) => !headersSent);
  for (const answer of unsent.slice(0, -1)) answer.removeHeader('connection');
  unsent.at(-1)?.setHeader('connection', 'close');
}

const hasIncompleteRequest = ({ answers }: Connection): boolean =>
  answers.size === 0 || [...answers].some(({ req }) => !req.complete);

function destroy(connections: ReadonlyMap<unknown, Connection>, matches: (connection: Connection) => boolean): void {
  for (const connection of [...connections.values()]) if (matches(connection)) connection.socket.destroy();
}
