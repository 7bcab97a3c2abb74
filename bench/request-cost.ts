import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from './children.ts';
import { type Figures, median, round, type Scenario } from './figures.ts';
import { loop } from './http.ts';
import { cpuUs } from './process-figures.ts';
import { fiveReads, runToEnd } from './runs.ts';
import type { Stack } from './stack.ts';

export const requestCost: Scenario = {
  name: 'request-cost',
  goal: { oneRunRatio: '<= 3', listOf20Ratio: '<= 3' },
};

const CLIENTS = 8;
const ROUNDS = 3;
const ROUND_MS = 900;

type Endpoint = { url: string; pid: number };

/**
 * Processor time per request: Fastify alone, the contract's routes over an engine in memory, and the whole service with Postgres (the time
 * of the server's process alone). They alternate, so that a ratio compares figures under the same load.
 */
export async function measureRequestCost(stack: Stack): Promise<Figures> {
  const real = await stack.main();
  const http = stack.client(real.url, 1);
  const runIds = [];
  for (let i = 0; i < 20; i++) runIds.push(await runToEnd(http, fiveReads(stack.integration)));
  const oneRun = `/v1/runs/${runIds[0]!.runId}`;
  const listOf20 = '/v1/runs?pageSize=20';
  const payload = join(stack.folder, 'payload.json');
  const run = await http.send('GET', oneRun);
  const runs = await http.send('GET', listOf20);
  writeFileSync(payload, `{"run":${run},"runs":${runs}}`);
  const start = (file: string) =>
    startChild<{ url: string }>(new URL(file, import.meta.url), {
      args: [payload],
      log: join(stack.folder, 'cost.log'),
    });
  const children = [];
  try {
    for (const file of ['./bare-server.js', './memory-server.js']) children.push(await start(file));
    const [bare, memory] = children.map(({ pid, ready }): Endpoint => ({ pid, url: ready.url }));
    const figures: Figures = { runBytes: run.length, listBytes: runs.length };
    for (const [name, path] of Object.entries({ oneRun, listOf20 })) {
      const costs = await compare(stack, { bare: bare!, memory: memory!, real }, path);
      figures[`${name}BareUs`] = round(median(costs.bare));
      figures[`${name}ContractUs`] = round(median(costs.memory));
      figures[`${name}WholeServiceUs`] = round(median(costs.real));
      figures[`${name}Ratio`] = round(median(costs.memory.map((cost, i) => cost / costs.bare[i]!)));
    }
    return figures;
  } finally {
    for (const child of children) await child.stop();
  }
}

async function compare<Name extends string>(stack: Stack, endpoints: Record<Name, Endpoint>, path: string) {
  const costs = Object.fromEntries(Object.keys(endpoints).map((name) => [name, []])) as unknown as Record<
    Name,
    number[]
  >;
  for (let i = 0; i <= ROUNDS; i++) {
    for (const [name, { url, pid }] of Object.entries(endpoints) as [Name, Endpoint][]) {
      const http = stack.client(url, CLIENTS);
      const from = cpuUs(pid);
      const { tookMs } = await loop(CLIENTS, ROUND_MS, () => http.send('GET', path));
      if (i > 0) costs[name].push((cpuUs(pid) - from) / tookMs.length); // the first round warms up
      http.close();
    }
  }
  return costs;
}
