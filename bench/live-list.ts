import { setTimeout as sleep } from 'node:timers/promises';
import { type Figures, quantile, round, type Scenario } from './figures.ts';
import { cpuUs } from './process-figures.ts';
import { oneRead } from './runs.ts';
import { addRuns } from './seed.ts';
import type { Stack } from './stack.ts';
import { type Subscriber, subscribe, unsubscribe } from './subscribers.ts';

export const liveList: Scenario = { name: 'live-list', goal: { lastWatcherP50Ms: '<= 100 at 100 runs a second' } };

const RUNS = 10_000;
const WATCHERS = 50;
const PER_SECOND = 100;
const SECONDS = 8;

/** Time from the answer to a create until the last of 50 watchers of a list of 10,000 runs has received the run. */
export async function measureLiveList(stack: Stack): Promise<Figures> {
  await addRuns(stack.admin, stack.workspaceId, RUNS, false);
  const server = await stack.main();
  const http = stack.client(server.url, 20);
  const watchers = await subscribe(server.url, [stack.apiKey], new Array<string>(WATCHERS).fill('/v1/runs/sse'));
  const notices = new Map<string, { watchers: number; at: number }>();
  for (const watcher of watchers) listen(watcher, notices);
  const created = new Map<string, number>();
  const [begun, cpuBefore] = [performance.now(), cpuUs(server.pid)];
  const all: Promise<unknown>[] = [];
  for (let n = 0; n < PER_SECOND * SECONDS; n++) {
    await sleep(begun + (n * 1000) / PER_SECOND - performance.now());
    all.push(
      http.send('POST', '/v1/runs', oneRead(stack.integration)).then((text) => {
        created.set((JSON.parse(text) as { runId: string }).runId, performance.now());
      }),
    );
  }
  await Promise.all(all);
  const perSecond = created.size / ((performance.now() - begun) / 1000);
  await sleep(3000);
  const cpu = (cpuUs(server.pid) - cpuBefore) / created.size;
  const tookMs = [...created].map(([runId, at]) => {
    const notice = notices.get(runId);
    if (notice?.watchers !== WATCHERS)
      throw new Error(`${notice?.watchers ?? 0} of ${WATCHERS} watchers were told of a run.`);
    return Math.max(0, notice.at - at);
  });
  await unsubscribe(watchers);
  return {
    watchers: WATCHERS,
    runsPerSecond: round(perSecond),
    lastWatcherP50Ms: round(quantile(tookMs, 0.5)),
    lastWatcherP95Ms: round(quantile(tookMs, 0.95)),
    lastWatcherMaxMs: round(Math.max(...tookMs)),
    serverCpuPerRunUs: round(cpu),
  };
}

/** Records when each watcher first receives each run. */
function listen({ socket }: Subscriber, notices: Map<string, { watchers: number; at: number }>): void {
  const seenIds = new Set<string>();
  let rest = '';
  socket.on('data', (bytes) => {
    const lines = (rest + bytes.toString('latin1')).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const runId = /^data: \{"type":"run","runId":"([^"]+)"/.exec(line)?.[1];
      if (runId === undefined || seenIds.has(runId)) continue;
      seenIds.add(runId);
      const notice = notices.get(runId) ?? { watchers: 0, at: 0 };
      notices.set(runId, { watchers: notice.watchers + 1, at: performance.now() });
    }
  });
}
