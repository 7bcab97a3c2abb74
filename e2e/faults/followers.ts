import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@errand/client';
import type { RunEvent } from '@errand/contracts';
import { type Frame, openStream } from '../fixtures/frames.ts';
import type { Cluster } from './cluster.ts';
import type { Capture, History } from './history.ts';
import type { Random } from './random.ts';

const AGAIN_MS = 200;

export type Hear = (event: RunEvent) => void;

/** Follows a run over SSE to its end. After each lost connection it resumes from the last received event. */
export async function followSse(
  cluster: Cluster,
  history: History,
  runId: string,
  { random, stop, hear = () => {} }: Omit<Following, 'hear'> & { hear?: Hear },
): Promise<void> {
  const capture = history.follow(runId, 'sse');
  while (!capture.complete && !stop.aborted) {
    await connectOnce(cluster, capture, { random, stop, hear }).catch(() => {});
    if (!capture.complete) await sleep(AGAIN_MS);
  }
}

type Following = { random: Random; stop: AbortSignal; hear: Hear };

async function connectOnce(cluster: Cluster, capture: Capture, { random, stop, hear }: Following): Promise<void> {
  const lastEventId = capture.events.length === 0 ? '' : String(capture.events.at(-1)!.seq);
  const { url } = random.pick(cluster.http).service;
  const stream = await openStream({ url, apiKey: cluster.apiKey }, capture.runId, { lastEventId });
  capture.connections++;
  // Clients lose their connection, too.
  const patience = setTimeout(() => stream.cut(), random.int(500, 15_000));
  stop.addEventListener('abort', stream.cut);
  try {
    if (stream.status === 204) capture.complete = true;
    if (stream.status !== 200) return;
    for (let frame = await stream.next(); frame; frame = await stream.next()) take(capture, frame, hear);
  } finally {
    clearTimeout(patience);
    stop.removeEventListener('abort', stream.cut);
    stream.cut();
  }
}

function take(capture: Capture, { id, event, data }: Frame, hear: Hear): void {
  if (event === 'keepalive') return;
  capture.events.push({ seq: Number(id), type: event!, data: data! });
  if (event === 'end') capture.complete = true;
  hear(JSON.parse(data!) as RunEvent);
}

/** Follows a run over a tRPC subscription, which resumes by itself; subscribes again when it gives up. */
export async function followTrpc(
  cluster: Cluster,
  history: History,
  runId: string,
  { random, stop }: Omit<Following, 'hear'>,
): Promise<void> {
  const capture = history.follow(runId, 'trpc');
  while (!capture.complete && !stop.aborted) {
    await subscribeOnce(cluster, capture, random, stop);
    if (!capture.complete) await sleep(AGAIN_MS);
  }
}

function subscribeOnce(cluster: Cluster, capture: Capture, random: Random, stop: AbortSignal): Promise<void> {
  const { url } = random.pick(cluster.http).service;
  const client = createClient({ url, apiKey: cluster.apiKey });
  const lastEventId = capture.events.at(-1)?.seq;
  capture.connections++;
  return new Promise((resolve) => {
    const onEnded = () => {
      clearTimeout(patience);
      stop.removeEventListener('abort', onEnded);
      subscription.unsubscribe();
      resolve();
    };
    const patience = setTimeout(onEnded, random.int(3000, 20_000));
    stop.addEventListener('abort', onEnded);
    const subscription = client.runs.stream.subscribe(
      { runId: capture.runId, ...(lastEventId !== undefined && { lastEventId: String(lastEventId) }) },
      {
        onData: ({ data: event }) => {
          // Not part of the log: it has the id of the previous event, after which the stream resumes.
          if (event.type === 'progress') return;
          capture.events.push({ seq: event.seq, type: event.type, data: JSON.stringify(event) });
          if (event.type !== 'end') return;
          capture.complete = true;
          onEnded();
        },
        onError: onEnded,
        onComplete: () => {
          // The stream of a run that was read to its end completes at once.
          if (capture.events.at(-1)?.type === 'end') capture.complete = true;
          onEnded();
        },
      },
    );
  });
}
