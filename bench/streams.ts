import { setTimeout as sleep } from 'node:timers/promises';
import { type Figures, median, round, type Scenario } from './figures.ts';
import { openFilesLimit, rssBytes } from './process-figures.ts';
import { heldSteps } from './runs.ts';
import { addWaitingRuns } from './seed.ts';
import type { Server, Stack } from './stack.ts';
import { allSeen, subscribe, unsubscribe } from './subscribers.ts';

export const openStreams: Scenario = { name: 'open-streams', goal: { kilobytesPerStream: '<= 12' } };
export const fanOut: Scenario = { name: 'fan-out', goal: { lastOf500Ms: '<= 20', lastOf5000Ms: '<= 150' } };

const path = (runId: string) => `/v1/runs/${runId}/sse`;
const SPARE_FILES = 500;
const fits = (streams: number) => streams + SPARE_FILES < openFilesLimit();

/** Memory of the server for idle streams, each on a run of its own. */
export async function measureOpenStreams(stack: Stack): Promise<Figures> {
  const { workspaceId } = await stack.db.workspaces.create('idle runs');
  const keys = [];
  for (let i = 0; i < 6; i++) keys.push(await stack.newKey(workspaceId));
  const ids = await addWaitingRuns(stack.admin, workspaceId, 5000);
  const server = await stack.serve();
  try {
    await unsubscribe(await subscribe(server.url, keys, ids.slice(0, 500).map(path)));
    await sleep(1500);
    const before = rssBytes(server.pid);
    const figures: Figures = { serverBeforeMegabytes: round(before / 2 ** 20) };
    const open = [];
    for (const count of [1000, 5000].filter(fits)) {
      open.push(
        ...(await subscribe(server.url, keys.slice(open.length / 1000), ids.slice(open.length, count).map(path))),
      );
      await sleep(3000);
      figures[`kilobytesPerStreamAt${count}`] = round((rssBytes(server.pid) - before) / count / 1024);
    }
    await unsubscribe(open);
    return figures;
  } finally {
    await server.stop();
  }
}

/** Time from the answer of the third party until the last subscriber has received the step's event. */
export async function measureFanOut(stack: Stack): Promise<Figures> {
  const server = await stack.main();
  const figures: Figures = {};
  for (const count of [1, 500, 5000].filter(fits)) {
    const lasts = await lastOf(stack, server, count);
    figures[`lastOf${count}Ms`] = round(median(lasts));
    if (count > 1) figures[`lastOf${count}BestMs`] = round(Math.min(...lasts));
  }
  return figures;
}

let heldCalls = 0;

async function lastOf(stack: Stack, server: Server, count: number): Promise<number[]> {
  const ids = Array.from({ length: 8 }, () => ++heldCalls);
  const http = stack.client(server.url, 2);
  const keys = [];
  for (let i = 0; i <= count; i += 1000) keys.push(await stack.newKey(stack.workspaceId));
  const created = await http.send('POST', '/v1/runs', heldSteps(stack.integration, ids));
  const { runId } = JSON.parse(created) as { runId: string };
  const subscribers = await subscribe(server.url, keys, new Array<string>(count).fill(path(runId)));
  await allSeen(subscribers, 1);
  const lasts: number[] = [];
  for (const [n, id] of ids.entries()) {
    await sleep(200);
    const from = performance.now();
    await release(stack, id);
    const at = await allSeen(subscribers, n + 2);
    if (n > 0 && n < ids.length - 1) lasts.push(at - from); // not the first, which warms up, nor the last, which `end` follows
  }
  await unsubscribe(subscribers);
  return lasts;
}

/** Releases a call that hangs at the third party. */
export async function release(stack: Stack, id: number): Promise<void> {
  for (let i = 0; i < 50; i++) {
    if ((await fetch(`${stack.thirdPartyUrl}/release/${id}`)).status === 204) return;
    await sleep(20);
  }
  throw new Error('The expected call did not arrive.');
}
