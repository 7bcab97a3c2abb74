// Runs the scenarios one after another and prints a JSON line for each.
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { approve, measureApprove } from './approve.ts';
import { catalogOperations, measureCatalog } from './catalog.ts';
import { claims, claimsAmongMany, measureClaims, measureClaimsAmongMany } from './claims.ts';
import { consolePages, measureConsole } from './console.ts';
import { crash, measureCrash } from './crash.ts';
import { effects, measureEffects } from './effects.ts';
import { fairness, measureFairness } from './fairness.ts';
import type { Figures, Scenario } from './figures.ts';
import { growth, measureGrowth } from './growth/growth.ts';
import {
  importBusy,
  importPicks,
  importSample,
  measureImportBusy,
  measureImportPicks,
  measureImportSample,
} from './imports.ts';
import { knobs, measureKnobs } from './knobs.ts';
import { latency, measureLatency } from './latency.ts';
import { list, measureList } from './list.ts';
import { listFiltersOf, measureListFilters } from './list-filters.ts';
import { liveList, measureLiveList } from './live-list.ts';
import { loop, measureLoop } from './loop.ts';
import { mcpClient, measureMcpClient } from './mcp/client.ts';
import { mcpInspector, measureMcpInspector } from './mcp/inspector.ts';
import { mcpServer, measureMcpServer } from './mcp/server.ts';
import { type Endpoint, toEndpoint } from './model/endpoint.ts';
import { modelEndpoints } from './model/endpoints.ts';
import { modelScenarios } from './model/evals.ts';
import { measureMeaning, modelMeaning } from './model/meaning/measure.ts';
import { measurePrompts, modelPrompts } from './model/prompts.ts';
import { modelSlow } from './model/slow.ts';
import { measureOutputs, measureOutputsTogether, outputs, outputsTogether } from './outputs.ts';
import { measurePlanningTime, planningTime } from './planning-time.ts';
import { measureProcesses, processes } from './processes.ts';
import { measureReaders, readers } from './readers.ts';
import { measureReplay, replay } from './replay.ts';
import { measureRequestCost, requestCost } from './request-cost.ts';
import { measureRestart, restart } from './restart.ts';
import { measureRestbench, planningRestbench } from './restbench.ts';
import { measureRunCost, runCost } from './run-cost.ts';
import { measureStored, measureWorkers, stored, workers } from './scale.ts';
import { measureSearch, search } from './search.ts';
import { measureShares, shares } from './shares.ts';
import { openStack, type Stack } from './stack.ts';
import { fanOut, measureFanOut, measureOpenStreams, openStreams } from './streams.ts';
import { measureTelemetry, telemetry } from './telemetry/telemetry.ts';
import { measureThroughput, throughput } from './throughput.ts';
import { measureTurns, type TurnsOptions, turns } from './turns.ts';
import { measureUp, up } from './up.ts';
import { measureWebhooks, webhooks } from './webhooks.ts';

/** These run only when an argument names them. */
const onRequest = new Set([
  catalogOperations.name,
  effects.name,
  knobs.name,
  mcpServer.name,
  mcpInspector.name,
  mcpClient.name,
  loop.name,
  importSample.name,
  importPicks.name,
  importBusy.name,
  outputs.name,
  outputsTogether.name,
  listFiltersOf.name,
  turns.name,
  shares.name,
  telemetry.name,
  processes.name,
  consolePages.name,
  up.name,
  growth.name,
]);

type Measured = Scenario & ({ alone: () => Promise<Figures> } | { measure: (stack: Stack) => Promise<Figures> });

const USAGE = `pnpm bench [name …] [--only name,name] [--restbench DIR] [--cases] [--endpoint URL] [--documents DIR] [--operations FILE] [--scale] [--full]
  name, --only run only these scenarios, or those whose names begin so: planning runs all that begin with planning-;
               mcp (the conformance suite and the inspector of MCP, fetched from npm with a Node 22), loop, import, list-filters, outputs,
               outputs-together, catalog, effects, knobs, console (needs a Chromium), turns, shares, telemetry, growth and up (packs and installs the package errand) run only so
  --traces     with turns: this build with traces against this build without
  --against    with turns: the folder of another built checkout; --node: the Node binary that runs it; --works reads,sums,filters,wait,longReads;
               --rounds: pairs of measurements, 8 by default
  --runs       with growth: the number of runs, 2000000 by default; --data: a folder that keeps the cluster
  --layouts    with processes: one,two,four,twoMachines,fourMachines,roles
  --restbench  a folder with RestBench's intents.json and openapi.json
  --cases      with planning-restbench and model: also a line for each case, with the calls made
  --endpoint   with model: plans the evals by the model at this URL (http://127.0.0.1:8080/v1), and tells score, tokens and cost;
               --model NAME, --provider openai|anthropic|google|openai-compatible, --key-env the variable with the key,
               --prices '{"input": 0.25, "output": 2}' of a million tokens
  --slow       with model: also an answer that comes after 300 seconds (model-slow)
  --operations with effects: a file with lists of operations, {"documents": {"name": [[method, path, operationId]]}}, which may be
               gzipped; prints a line for each operation whose effect its words change.
               With catalog: compares the catalogue with these documents; prints a line for each entry
  --file       with knobs: a file with the needs of providers of OAuth, {"needs": {"provider": ["need"]}, "knobGroups": {"group": ["need"]}};
               prints a line for each provider that no fields of OAUTH2 describe
  --documents  where loop and import keep the packages with documents that they fetch
  --scale      instead: 1, 2 and 4 worker processes, and 10^3 to 10^5 stored runs
  --full       with --scale: also 10^6 stored runs; with list-filters: 10^6 instead of 10^5`;

/**
 * Runs the scenarios that the arguments name.
 * @returns the exit code: 1 when a scenario failed; the others still run
 */
export async function main(argv: readonly string[]): Promise<number> {
  const options = read(argv);
  if ('fault' in options) {
    console.error(`${options.fault}\n\n${USAGE}`);
    return 2;
  }
  const { chosen } = options;
  console.log(JSON.stringify({ name: 'machine', ...machine() }));
  const needed = chosen.some((scenario) => 'measure' in scenario);
  let stack: Stack | undefined;
  let code = 0;
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => reject(new Error(signal)));
  });
  interrupted.catch(() => {});
  try {
    stack = needed ? await openStack() : undefined;
    for (const scenario of chosen) {
      const from = performance.now();
      try {
        const work = 'alone' in scenario ? scenario.alone() : scenario.measure(stack!);
        const figures = await Promise.race([work, interrupted]);
        const tookSeconds = Math.round((performance.now() - from) / 100) / 10;
        console.log(
          JSON.stringify({ name: scenario.name, ...figures, goal: scenario.goal, tookSeconds, load: loadavg()[0] }),
        );
      } catch (error) {
        code = 1;
        console.log(JSON.stringify({ name: scenario.name, failed: (error as Error).message, goal: scenario.goal }));
        if (await isSettled(interrupted)) break;
      }
    }
  } finally {
    await stack?.close();
  }
  return code;
}

const isSettled = (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([
    promise.then(
      () => true,
      () => true,
    ),
    new Promise<boolean>((done) => setImmediate(done, false)),
  ]);

function read(argv: readonly string[]): { chosen: Measured[] } | { fault: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        only: { type: 'string' },
        restbench: { type: 'string' },
        documents: { type: 'string' },
        against: { type: 'string' },
        traces: { type: 'boolean' },
        node: { type: 'string' },
        works: { type: 'string' },
        rounds: { type: 'string' },
        layouts: { type: 'string' },
        operations: { type: 'string' },
        file: { type: 'string' },
        cases: { type: 'boolean', default: false },
        endpoint: { type: 'string' },
        model: { type: 'string' },
        provider: { type: 'string' },
        'key-env': { type: 'string' },
        prices: { type: 'string' },
        scale: { type: 'boolean', default: false },
        full: { type: 'boolean', default: false },
        slow: { type: 'boolean', default: false },
        runs: { type: 'string' },
        data: { type: 'string' },
      },
    });
    const all = scenarios({
      ...values,
      endpoint: toEndpoint(values, process.env),
      layouts: values.layouts?.split(','),
      turnsOptions: {
        against: values.against,
        node: values.node,
        traces: values.traces,
        works: values.works?.split(','),
        rounds: values.rounds === undefined ? undefined : Number(values.rounds),
      },
    });
    const names = [...positionals, ...(values.only?.split(',') ?? [])];
    if (names.length === 0) {
      return { chosen: all.filter(({ name }) => name.startsWith('scale-') === values.scale && !onRequest.has(name)) };
    }
    const of = (name: string) => {
      const exact = all.filter((scenario) => scenario.name === name);
      return exact.length > 0 ? exact : all.filter((scenario) => scenario.name.startsWith(`${name}-`));
    };
    const unknown = names.find((name) => of(name).length === 0);
    if (unknown === undefined) return { chosen: [...new Set(names.flatMap(of))] };
    return { fault: `There is no scenario ${unknown}. There are: ${all.map((scenario) => scenario.name).join(', ')}.` };
  } catch (error) {
    return { fault: (error as Error).message };
  }
}

type Options = {
  restbench?: string;
  documents?: string;
  operations?: string;
  file?: string;
  cases: boolean;
  full: boolean;
  slow: boolean;
  endpoint?: Endpoint;
  layouts?: readonly string[];
  turnsOptions: TurnsOptions;
  runs?: string;
  data?: string;
};

const printLine = (line: object): void => console.log(JSON.stringify(line));

const scenarios = ({
  restbench,
  documents,
  operations,
  file,
  cases,
  full,
  slow,
  endpoint,
  layouts,
  turnsOptions,
  runs,
  data,
}: Options): Measured[] => [
  { ...planningRestbench, alone: () => measureRestbench(restbench, cases ? printLine : undefined) },
  { ...planningTime, alone: measurePlanningTime },
  { ...consolePages, measure: measureConsole },
  { ...modelPrompts, alone: measurePrompts },
  { ...modelMeaning, measure: (stack) => measureMeaning(stack, cases ? printLine : undefined) },
  modelEndpoints(printLine),
  ...(slow ? [modelSlow] : []),
  ...modelScenarios(endpoint, cases ? printLine : undefined),
  { ...search, alone: () => measureSearch(restbench) },
  { ...effects, alone: async () => measureEffects(operations, printLine) },
  { ...knobs, alone: async () => measureKnobs(file, printLine) },
  { ...catalogOperations, alone: () => measureCatalog(operations, printLine) },
  { ...claims, alone: measureClaims },
  { ...claimsAmongMany, alone: measureClaimsAmongMany },
  { ...latency, measure: measureLatency },
  { ...approve, measure: measureApprove },
  { ...throughput, measure: measureThroughput },
  { ...webhooks, measure: measureWebhooks },
  { ...fairness, measure: measureFairness },
  { ...shares, measure: measureShares },
  { ...crash, measure: measureCrash },
  { ...restart, measure: measureRestart },
  { ...up, alone: measureUp },
  { ...growth, alone: () => measureGrowth({ runs: runs === undefined ? undefined : Number(runs), data }) },
  { ...requestCost, measure: measureRequestCost },
  { ...runCost, alone: measureRunCost },
  { ...turns, alone: () => measureTurns(turnsOptions) },
  { ...telemetry, alone: measureTelemetry },
  { ...processes, alone: () => measureProcesses(layouts) },
  { ...list, measure: measureList },
  { ...liveList, measure: measureLiveList },
  { ...listFiltersOf, measure: (stack) => measureListFilters(stack, full) },
  { ...loop, measure: (stack) => measureLoop(stack, documents) },
  { ...importSample, alone: () => measureImportSample(documents) },
  { ...importPicks, alone: () => measureImportPicks(documents) },
  { ...importBusy, alone: () => measureImportBusy(documents) },
  { ...mcpServer, measure: measureMcpServer },
  { ...mcpInspector, measure: measureMcpInspector },
  { ...mcpClient, measure: measureMcpClient },
  { ...readers, measure: measureReaders },
  { ...replay, measure: measureReplay },
  { ...outputs, measure: measureOutputs },
  { ...outputsTogether, measure: measureOutputsTogether },
  { ...fanOut, measure: measureFanOut },
  { ...openStreams, measure: measureOpenStreams },
  { ...workers, measure: measureWorkers },
  { ...stored, measure: (stack) => measureStored(stack, full) },
];

const machine = () => ({
  processors: availableParallelism(),
  model: cpus()[0]?.model,
  memoryGigabytes: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  loadBefore: loadavg()[0],
});
