// A connection that was opened and has asked nothing yet is not "idle" for Node: it would hold up a shutdown until its
// headers time out. Clients open such ones ahead of need.
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** Closes connections without a request when the server shuts down. */
export function closeUnused(fastify: FastifyInstance): void {
  const unused = new Set<IncomingMessage['socket']>();
  fastify.server.on('connection', (socket: IncomingMessage['socket']) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  fastify.server.on('request', ({ socket }: IncomingMessage) => unused.delete(socket));
  fastify.addHook('preClose', async () => {
    for (const socket of unused) socket.destroy();
  });
}
