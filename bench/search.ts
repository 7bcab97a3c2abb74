import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ToolSource, ToolSpec } from '@errand/contracts';
import { type EvalCase, evalSets, readTools } from '@errand/evals';
import { createPlannerThreads, searchTools } from '@errand/planner';
import { sampleThread } from '@errand/planner/testing';
import { type Figures, mean, median, quantile, round, type Scenario } from './figures.ts';
import { someService } from './some-service.ts';

export const search: Scenario = {
  name: 'search',
  goal: { restbenchRecallAt20: '>= 0.8', with5000ToolsInThreadP99Ms: '<= 10' },
};

/** A text and the keys of the tools that it needs. */
type Query = { text: string; needed: ReadonlySet<string> };

/**
 * How well tool search finds the tools that an intent needs (RestBench, and the evals over all their services at once), and the duration of
 * a search among 5,000 tools of ten integrations.
 */
export async function measureSearch(restbench: string | undefined): Promise<Figures> {
  return { ...(await measureEvals()), ...(await measureTime()), ...(await measureRestbench(restbench)) };
}

async function measureRestbench(folder: string | undefined): Promise<Figures> {
  if (folder === undefined) return { restbench: 'give the folder of RestBench by --restbench DIR' };
  const [intents, document] = ['intents.json', 'openapi.json'].map((name) => join(folder, name));
  if (!existsSync(intents!) || !existsSync(document!))
    throw new Error(`${folder} has no intents.json and openapi.json.`);
  const cases = JSON.parse(readFileSync(intents!, 'utf8')) as { query: string; solution: string[] }[];
  const tools = await readTools(readFileSync(document!, 'utf8'), 'tmdb', 'TMDB');
  const queries = cases.map(({ query, solution }) => ({ text: query, needed: new Set(solution.map(endpoint)) }));
  return named(
    'restbench',
    quality(tools, queries, ({ method, path }) => endpoint(`${method} ${path}`)),
  );
}

/** An operation with the names of its path parameters removed. */
const endpoint = (text: string): string => text.trim().replace(/\{[^}]*\}/g, '{}');

/** How well tool search finds the operations that the evals call, over all their services at once. */
export async function measureEvals(sets = evalSets): Promise<Figures> {
  const services = new Map(sets.flatMap((set) => set.services).map((service) => [service.id, service]));
  const tools: ToolSpec[] = [];
  for (const { id, name, document } of services.values()) tools.push(...(await readTools(await document(), id, name)));
  const queries = sets.flatMap(({ cases }) => cases).flatMap(queryOf);
  return named(
    'evals',
    quality(tools, queries, ({ name }) => name),
  );
}

const queryOf = ({ intent, expect }: EvalCase): Query[] =>
  'refuse' in expect || expect.calls.length === 0
    ? []
    : [{ text: intent, needed: new Set(expect.calls.map(({ operation }) => operation)) }];

function quality(tools: readonly ToolSpec[], queries: readonly Query[], keyOf: (tool: ToolSpec) => string) {
  const each = queries.map(({ text, needed }) => {
    const foundKeys = searchTools(tools, text, 20).map(({ tool }) => keyOf(tool));
    const gain = (at: readonly boolean[]) => at.reduce((sum, hit, i) => sum + (hit ? 1 / Math.log2(i + 2) : 0), 0);
    return {
      recall: [...needed].filter((key) => foundKeys.includes(key)).length / needed.size,
      ndcg: gain(foundKeys.slice(0, 5).map((key) => needed.has(key))) / gain([...needed].slice(0, 5).map(() => true)),
    };
  });
  return {
    tools: tools.length,
    queries: queries.length,
    recallAt20: round(mean(each.map(({ recall }) => recall))),
    ndcgAt5: round(mean(each.map(({ ndcg }) => ndcg))),
  };
}

const TEXTS = [
  'Get the invoice 42',
  'List the open orders of the customer Northwind',
  'Create a ticket with the title Broken window',
  'Which shipments were delayed last week?',
  'Cancel the archived contract of the supplier, and order the wholesale product again for the partner account',
];
const INTEGRATIONS = 10;
const TOOLS_EACH = 500;
const REPEATS = 400;

/** Tools of many integrations, each described in about thirty words that also describe other tools. */
async function catalogue(): Promise<ToolSpec[][]> {
  const sets: ToolSpec[][] = [];
  for (let i = 0; i < INTEGRATIONS; i++) {
    const tools = await readTools(someService(TOOLS_EACH), `shop_${i}`, `Shop ${i}`);
    const words = tools.flatMap(({ title = '' }) => title.split(' '));
    sets.push(
      tools.map((tool, n) => ({
        ...tool,
        description: Array.from({ length: 30 }, (_, at) => words[(n * 31 + at * 17) % words.length]).join(' '),
      })),
    );
  }
  return sets;
}

/** A direct search, and a search in a thread as callers run it. */
async function measureTime(): Promise<Figures> {
  const sets = await catalogue();
  const tools = sets.flat();
  const indexing = performance.now();
  searchTools(tools, TEXTS[0]!, 20);
  const indexingMs = performance.now() - indexing;
  const times: number[] = [];
  const processorTimes: number[] = [];
  for (const text of texts()) {
    const [from, used] = [performance.now(), process.cpuUsage()];
    searchTools(tools, text, 20);
    times.push(performance.now() - from);
    const { user, system } = process.cpuUsage(used);
    processorTimes.push((user + system) / 1000);
  }
  return named('with5000Tools', {
    indexingMs: round(indexingMs),
    p50Ms: round(median(times)),
    p99Ms: round(quantile(times, 0.99)),
    processorP99Ms: round(quantile(processorTimes, 0.99)),
    ...(await measureThread(sets)),
  });
}

async function measureThread(sets: readonly ToolSpec[][]): Promise<Figures> {
  const planner = createPlannerThreads({ entry: sampleThread });
  const tools: ToolSource = {
    workspaceId: 'w',
    named: async () => [],
    unusable: async () => new Map(),
    names: async () => [],
    sets: sets.map((set, i) => ({
      key: `set ${i}`,
      async *read() {
        yield set.map((tool) => JSON.stringify(tool));
      },
    })),
  };
  const signal = AbortSignal.timeout(60_000);
  try {
    await planner.search({ tools, text: TEXTS[0]!, limit: 20, signal });
    const times: number[] = [];
    for (const text of texts()) {
      const from = performance.now();
      await planner.search({ tools, text, limit: 20, signal });
      times.push(performance.now() - from);
    }
    return { inThreadP50Ms: round(median(times)), inThreadP99Ms: round(quantile(times, 0.99)) };
  } finally {
    await planner.close();
  }
}

const texts = (): string[] => Array.from({ length: REPEATS }, () => TEXTS).flat();

/** Prefixes the names of figures with their subject. */
const named = (of: string, figures: Figures): Figures =>
  Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [`${of}${name[0]!.toUpperCase()}${name.slice(1)}`, value]),
  );
