import { request } from 'node:http';
import { seedLargeRuns } from '@errand/db/testing';
import { type Figures, quantile, round, type Scenario } from './figures.ts';
import { loop } from './http.ts';
import type { Hold } from './loop-service.ts';
import { rssBytes } from './process-figures.ts';
import { addRuns } from './seed.ts';
import type { Stack } from './stack.ts';

export const readers: Scenario = {
  name: 'readers',
  goal: { otherKeyP99Ms: '<= 100, and no 503', grownMegabytes: '<= 200', longestHoldMs: '<= 50' },
};

const SECONDS = 10;

/** Two readers that repeat requests for the largest pages, and a key of another workspace. */
export async function measureReaders(stack: Stack): Promise<Figures> {
  const { workspaceId: large } = await stack.db.workspaces.create('large runs');
  const { workspaceId: small } = await stack.db.workspaces.create('small runs');
  await seedLargeRuns(stack.admin, large, { runs: 100, calls: 9, outputBytes: 256_000, resultBytes: 60_000 });
  const [long] = await seedLargeRuns(stack.admin, large, { runs: 1, calls: 100, outputBytes: 256_000 });
  await addRuns(stack.admin, small, 1000, true);
  const server = await stack.serve({}, [], new URL('./loop-service.js', import.meta.url));
  const hold = () => server.ask<Hold>('longest hold');
  try {
    const key = await stack.newKey(large);
    const smallClient = stack.client(server.url, 2, await stack.newKey(small));
    const pages = [
      '/v1/runs?pageSize=100&includeEvents=true&includeToolCalls=true',
      `/v1/runs/${long}?includeEvents=true&includeToolCalls=true`,
      `/v1/runs/${long}/events?limit=1000&includeToolCalls=true`,
    ];
    const ask = () => smallClient.send('GET', '/v1/runs?pageSize=20&includeEvents=true');
    await loop(2, 2000, ask);
    for (const path of pages) await drain(server.url, key, path);
    await hold();
    const alone = await loop(2, 3000, ask);
    const heldAlone = await hold();
    const before = rssBytes(server.pid);
    const largest: number[] = [];
    let peak = before;
    let refused = 0;
    let turn = 0;
    const watch = setInterval(() => (peak = Math.max(peak, rssBytes(server.pid))), 50);
    const reading = loop(2, SECONDS * 1000, async () => {
      const { status, bytes } = await drain(server.url, key, pages[turn++ % pages.length]!);
      if (status === 200) largest.push(bytes);
      else refused++;
    });
    const beside = await loop(2, SECONDS * 1000, ask);
    const { perSecond } = await reading;
    clearInterval(watch);
    const holder = await hold();
    return {
      otherKeyAloneP50Ms: round(quantile(alone.tookMs, 0.5)),
      otherKeyAloneP99Ms: round(quantile(alone.tookMs, 0.99)),
      otherKeyP50Ms: round(quantile(beside.tookMs, 0.5)),
      otherKeyP99Ms: round(quantile(beside.tookMs, 0.99)),
      otherKeyAnswers: beside.tookMs.length,
      readersRefused: refused,
      pagesPerSecond: round(perSecond),
      largestAnswerMegabytes: round(Math.max(...largest) / 2 ** 20),
      grownMegabytes: round((peak - before) / 2 ** 20),
      longestHoldMs: round(holder.holdMs),
      ownHoldMs: round(holder.ownHoldMs),
      ownHoldAloneMs: round(heldAlone.ownHoldMs),
    };
  } finally {
    await server.stop();
  }
}

/** Reads one answer at full speed and discards it. */
const drain = (url: string, key: string, path: string): Promise<{ status: number; bytes: number }> =>
  new Promise((resolve, reject) => {
    request(`${url}${path}`, { headers: { 'x-api-key': key } }, (response) => {
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, bytes })).on('error', reject);
    })
      .on('error', reject)
      .end();
  });
