// A collector of traces, as a process of its own, so that its work does not count as that of the service. It counts spans and discards them.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export type Received = { spans: number; bytes: number };

let received: Received = { spans: 0, bytes: 0 };

const server = createServer(async (request, response) => {
  const body = await buffer(request);
  received.spans += spansIn(body);
  received.bytes += body.length;
  response.setHeader('content-type', 'application/x-protobuf').end();
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ url: `http://127.0.0.1:${port}` });
});
process.on('message', () => {
  process.send?.(received);
  received = { spans: 0, bytes: 0 };
});

/** The number of spans in a request: the fields `trace_id` of 16 bytes and `span_id` of 8 bytes follow each other only there and in links. */
function spansIn(body: Buffer): number {
  const traceId = Buffer.from([0x0a, 16]);
  let count = 0;
  for (let at = body.indexOf(traceId); at >= 0; at = body.indexOf(traceId, at + 1))
    if (body[at + 18] === 0x12 && body[at + 19] === 8) count++;
  return count;
}
