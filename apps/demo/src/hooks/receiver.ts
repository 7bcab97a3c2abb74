import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** Of ten posts the receiver refuses one, and accepts another without an answer. */
const FAULT_CYCLE_LENGTH = 10;
const REFUSED_TURN = 3;
const UNANSWERED_TURN = 6;

export type Receiver = Awaited<ReturnType<typeof startReceiver>>;

/** The back end of a product: verifies posts with the official library of Standard Webhooks, and stores each event once. */
export async function startReceiver() {
  const runIdByMessageId = new Map<string, string>();
  const counts = { posts: 0, refused: 0, repeated: 0, forged: 0 };
  let webhook: Webhook | undefined;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const turn = counts.posts++ % FAULT_CYCLE_LENGTH;
    if (turn === REFUSED_TURN) {
      counts.refused++;
      return response.writeHead(500).end();
    }
    try {
      const { data } = webhook!.verify(body, request.headers as Record<string, string>) as {
        data: { run: { runId: string } };
      };
      const id = String(request.headers['webhook-id']);
      if (runIdByMessageId.has(id)) counts.repeated++;
      runIdByMessageId.set(id, data.run.runId);
    } catch {
      counts.forged++;
      return response.writeHead(400).end();
    }
    if (turn === UNANSWERED_TURN) return response.destroy();
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    runIdByMessageId,
    counts,
    verifyWith(secret: string) {
      webhook = new Webhook(secret);
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
