import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ToolSpec } from '@errand/contracts';
import { searchTools } from '@errand/planner';
import { type Figures, mean, median, quantile, round, type Scenario } from './figures.ts';
import type { EvalCase } from './planning/eval-case.ts';
import { readTools } from './planning/read-tools.ts';
import { evalSets } from './planning/sets.ts';
import { someService } from './some-service.ts';

export const search: Scenario = {
  name: 'search',
  goal: { restbenchRecallAt20: '>= 0.8', with5000ToolsP99Ms: '<= 10' },
};

/** A text and the tools that are needed for it, by some key. */
type Query = { text: string; needed: ReadonlySet<string> };

/**
 * How well tool search finds what an intent needs (RestBench, and the evals over all their services at once), and how long a search
 * among 5,000 tools of ten integrations takes.
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

/** An operation, whatever its parameters are called. */
const endpoint = (text: string): string => text.trim().replace(/\{[^}]*\}/g, '{}');

async function measureEvals(): Promise<Figures> {
  const services = new Map(evalSets.flatMap((set) => set.services).map((service) => [service.id, service]));
  const tools: ToolSpec[] = [];
  for (const { id, name, document } of services.values()) tools.push(...(await readTools(await document(), id, name)));
  const queries = evalSets.flatMap(({ cases }) => cases).flatMap(queryOf);
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
    const found = searchTools(tools, text, 20).map(({ tool }) => keyOf(tool));
    const gain = (at: readonly boolean[]) => at.reduce((sum, hit, i) => sum + (hit ? 1 / Math.log2(i + 2) : 0), 0);
    return {
      recall: [...needed].filter((one) => found.includes(one)).length / needed.size,
      ndcg: gain(found.slice(0, 5).map((one) => needed.has(one))) / gain([...needed].slice(0, 5).map(() => true)),
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
  'Create a ticket with the title Broken door',
  'Which shipments were delayed last week?',
  'Cancel the archived contract of the supplier, and order the wholesale product again for the partner account',
];
const INTEGRATIONS = 10;
const TOOLS_EACH = 500;
const REPEATS = 100;

async function measureTime(): Promise<Figures> {
  const tools: ToolSpec[] = [];
  for (let i = 0; i < INTEGRATIONS; i++)
    tools.push(...(await readTools(someService(TOOLS_EACH), `shop_${i}`, `Shop ${i}`)));
  const took = (text: string) => {
    const from = performance.now();
    searchTools(tools, text, 20);
    return performance.now() - from;
  };
  const indexingMs = took(TEXTS[0]!);
  const times = Array.from({ length: REPEATS }, () => TEXTS.map(took)).flat();
  return named('with5000Tools', {
    indexingMs: round(indexingMs),
    p50Ms: round(median(times)),
    p99Ms: round(quantile(times, 0.99)),
  });
}

/** Puts what figures are of before their names. */
const named = (of: string, figures: Figures): Figures =>
  Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [`${of}${name[0]!.toUpperCase()}${name.slice(1)}`, value]),
  );
