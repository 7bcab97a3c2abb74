// A receiver of webhooks that rejects posts, is slow, and loses its answers, by the seed.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { seeded } from './random.ts';

/** `taken`: the receiver stored the post, whatever its sender learns; `signed`: the signature is valid. */
export type Post = {
  at: number;
  id: string;
  type: string;
  runId: string | undefined;
  body: string;
  taken: boolean;
  signed: boolean;
};

export type Receiver = {
  origin: string;
  posts: Post[];
  /** The secret that verifies posts from now on. */
  verifyWith(secret: string): void;
  /** From now on it takes every post at once. */
  calm(): void;
  close(): Promise<void>;
};

const behaviours = { ok: 70, refused: 12, lost: 12, slow: 6 };

export async function startReceiver(seed: number): Promise<Receiver> {
  const posts: Post[] = [];
  const random = seeded(seed, 'receiver');
  let calm = false;
  let webhook: Webhook | undefined;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const behaviour = calm ? 'ok' : random.weighed(behaviours);
    const { type, data } = JSON.parse(body) as { type: string; data: { run?: { runId: string } } };
    const id = String(request.headers['webhook-id']);
    const signed = isSigned(webhook, body, request.headers as Record<string, string>);
    posts.push({ at: Date.now(), id, type, runId: data.run?.runId, body, taken: behaviour !== 'refused', signed });
    if (behaviour === 'slow') await sleep(2000);
    if (behaviour === 'lost') response.destroy();
    else response.writeHead(behaviour === 'refused' ? 500 : 204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posts,
    verifyWith: (secret) => {
      webhook = new Webhook(secret);
    },
    calm: () => {
      calm = true;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function isSigned(webhook: Webhook | undefined, body: string, headers: Record<string, string>): boolean {
  try {
    webhook!.verify(body, headers);
    return true;
  } catch {
    return false;
  }
}
