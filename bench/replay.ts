import { request } from 'node:http';
import { seedLargeRuns } from '@errand/db/testing';
import { type Figures, quantile, round, type Scenario } from './figures.ts';
import type { Stack } from './stack.ts';

export const replay: Scenario = { name: 'replay', goal: { streamedToListed: '<= 2, with calls' } };

const EVENTS = 5_000;
const ROUNDS = 5;
const PAGE = 1_000;

/** The events of a long run, replayed as a stream and read as pages of a list, in turns. */
export async function measureReplay(stack: Stack): Promise<Figures> {
  const { workspaceId } = await stack.db.workspaces.create('long runs');
  const seed = { runs: 1, calls: EVENTS - 2, outputBytes: 320 };
  const [runId] = await seedLargeRuns(stack.admin, workspaceId, seed);
  const server = await stack.main();
  const key = await stack.newKey(workspaceId);
  const read = (path: string) => readText(`${server.url}/v1/runs/${runId}/${path}`, { 'x-api-key': key });
  const list = async (calls: boolean) => {
    for (let after = 0; after < EVENTS; after += PAGE)
      await read(`events?includeToolCalls=${calls}&limit=${PAGE}&after=${after}`);
  };
  const stream = async (calls: boolean) => {
    const text = await read(`sse?includeToolCalls=${calls}`);
    const frames = text.match(/^id:/gm)?.length;
    if (frames !== EVENTS) throw new Error(`The stream had ${frames} of ${EVENTS} events.`);
  };
  const works = {
    listed: () => list(false),
    listedWithCalls: () => list(true),
    streamed: () => stream(false),
    streamedWithCalls: () => stream(true),
  };
  const times = new Map<string, number[]>(Object.keys(works).map((name) => [name, []]));
  for (let turn = 0; turn < ROUNDS; turn++)
    for (const [name, work] of Object.entries(works)) {
      const begin = performance.now();
      await work();
      times.get(name)!.push(performance.now() - begin);
    }
  const ms = (name: keyof typeof works) => round(quantile(times.get(name)!, 0.5));
  return {
    events: EVENTS,
    listedMs: ms('listed'),
    listedWithCallsMs: ms('listedWithCalls'),
    streamedMs: ms('streamed'),
    streamedWithCallsMs: ms('streamedWithCalls'),
    streamedToListed: round(ms('streamedWithCalls') / ms('listedWithCalls')),
  };
}

const readText = (url: string, headers: Record<string, string>): Promise<string> =>
  new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(text.slice(0, 500)))));
      response.on('error', reject);
    })
      .on('error', reject)
      .end();
  });
