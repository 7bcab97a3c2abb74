import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { NoContent } from '../answer.ts';
import type { FaultOptions } from '../faults.ts';
import type { RestTransport } from './rest-transport.ts';
import type { Served } from './route.ts';
import { type Streams, sseHeaders, writeTogether } from './streams.ts';

export function streamAnswer(
  { name }: Served,
  options: FaultOptions & { readonly openAfterMs?: number },
  streams: Streams,
) {
  const openAfterMs = options.openAfterMs ?? 1000;
  return async (pending: Promise<unknown>, reply: FastifyReply, transport: RestTransport) => {
    const { raw, request } = reply;
    let iterator: AsyncIterator<unknown>;
    let first: Promise<IteratorResult<unknown>>;
    try {
      iterator = ((await pending) as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      first = iterator.next();
      // Marks it as handled: `pump` awaits it later.
      first.catch(() => {});
      if (!transport.isReady) await Promise.race([first, delay(openAfterMs, raw)]);
    } catch (error) {
      if (error instanceof NoContent) return reply.code(204).send();
      throw error;
    }
    reply.hijack();
    writeTogether(raw);
    raw.writeHead(200, { ...(reply.getHeaders() as OutgoingHttpHeaders), ...sseHeaders });
    raw.flushHeaders();
    void streams.pump(raw, iterator, first, (error) => options.onError?.({ error, req: request, name }));
    return reply;
  };
}

/** Ends after the time, or when the caller disconnects. */
const delay = (ms: number, raw: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      raw.off('close', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    raw.once('close', done);
  });
