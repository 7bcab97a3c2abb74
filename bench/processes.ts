// Measures the cost of a run with one, two and four processes on one database.
import { readFileSync, statSync } from 'node:fs';
import { type Figures, median, round, type Scenario } from './figures.ts';
import { type HttpClient, loop } from './http.ts';
import { exactFamilyCpuUs, familyCpuUs } from './process-figures.ts';
import { fiveReads, runToEnd } from './runs.ts';
import { openStack, ownServer, type Server, type Stack } from './stack.ts';
import { counters } from './throughput.ts';

export const processes: Scenario = {
  name: 'processes',
  goal: {
    cpuRatio: 'two <= 1.15, four <= 1.25, 2 http + 2 worker <= 1.4 of one process',
    commits: 'two <= 4, four <= 5',
    speedRatio: '>= 0.9 of one process on two cores',
  },
};

const CLIENTS = 50;
const WARM_UP = 1500;
const ROUNDS = 4;
const RUNS = 300;
const COUNTED_RUNS = 300;
const TEXTS_SHOWN = 12;

/** A way to spread the work. `settings`: those of each process. */
type Layout = {
  name: string;
  processes: number;
  settings: readonly (readonly [env: Record<string, string>, answersRequests: boolean])[];
};

const supervised = (count: number, more = {}): Record<string, string> => ({ ERRAND_PROCESSES: `${count}`, ...more });
const separate = (count: number, more = {}): Layout['settings'] => Array.from({ length: count }, () => [more, true]);

const LAYOUTS: readonly Layout[] = [
  { name: 'one', processes: 1, settings: separate(1) },
  { name: 'two', processes: 2, settings: [[supervised(2), true]] },
  { name: 'four', processes: 4, settings: [[supervised(4), true]] },
  { name: 'twoMachines', processes: 2, settings: separate(2) },
  { name: 'fourMachines', processes: 4, settings: separate(4) },
  {
    name: 'roles',
    processes: 4,
    settings: [
      ...separate(2, { ERRAND_ROLE: 'http' }),
      [{ ERRAND_ROLE: 'worker' }, false],
      [{ ERRAND_ROLE: 'worker' }, false],
    ],
  },
];

/** @param names of layouts @returns by layout: processor time, commits, runs per second, and the ratios to the first layout */
export async function measureProcesses(names: readonly string[] = LAYOUTS.map(({ name }) => name)): Promise<Figures> {
  const layouts = names.map((name) => LAYOUTS.find((layout) => layout.name === name)!);
  const figures = await compare(layouts);
  for (const layout of layouts) Object.assign(figures[layout.name] as object, await countStatements(layout));
  return figures;
}

type Side = {
  name: string;
  processes: number;
  stack: Stack;
  servers: readonly Server[];
  clients: readonly HttpClient[];
};

async function openSide(
  { name, processes: count, settings }: Layout,
  postgresSettings: Record<string, string> = {},
): Promise<Side> {
  const stack = await openStack({ program: ownServer }, postgresSettings);
  try {
    await (await stack.main()).stop();
    const servers: Server[] = [];
    const clients: HttpClient[] = [];
    for (const [env, answersRequests] of settings) {
      const server = await stack.serve(env);
      servers.push(server);
      if (answersRequests) clients.push(stack.client(server.url, CLIENTS));
    }
    return { name, processes: count, stack, servers, clients };
  } catch (error) {
    await stack.close();
    throw error;
  }
}

/** Creates runs at each process in turn, and follows each run at another one than it was created at, as far as they have ports of their own. */
function spread({ stack, clients }: Side): () => Promise<unknown> {
  const request = fiveReads(stack.integration);
  let n = 0;
  return () => {
    const creator = clients[n % clients.length]!;
    const reader = clients[(n + Math.floor(n / clients.length)) % clients.length]!;
    n++;
    return runToEnd({ ...creator, follow: reader.follow }, request);
  };
}

async function compare(layouts: readonly Layout[]): Promise<Record<string, object>> {
  const sides: Side[] = [];
  try {
    for (const layout of layouts) sides.push(await openSide(layout));
    for (const side of sides) await loop(CLIENTS, 600_000, spread(side), WARM_UP * side.processes);
    const samples: Sample[][] = [];
    for (let i = 0; i < ROUNDS; i++) {
      const samplesOfRound: Sample[] = [];
      for (const side of sides) samplesOfRound.push(await sample(side));
      samples.push(samplesOfRound);
    }
    return Object.fromEntries(sides.map(({ name }, n) => [name, summary(samples, n)]));
  } finally {
    for (const { stack } of sides) await stack.close();
  }
}

type Sample = Awaited<ReturnType<typeof sample>>;

async function sample(side: Side) {
  const { stack, servers } = side;
  const cpuOf = () => servers.reduce((sum, { pid }) => sum + exactFamilyCpuUs(pid), 0);
  const before = await counters(stack.db.pool);
  const postgresUs = familyCpuUs(stack.postgresPid);
  const cpuUs = cpuOf();
  const { tookMs, perSecond } = await loop(CLIENTS, 60_000, spread(side), RUNS);
  const runs = tookMs.length;
  const spent = { cpuUs: cpuOf() - cpuUs, postgresUs: familyCpuUs(stack.postgresPid) - postgresUs };
  const after = await counters(stack.db.pool);
  return {
    cpuUs: spent.cpuUs / runs,
    postgresCpuUs: spent.postgresUs / runs,
    commits: (after.commits - before.commits) / runs,
    perSecond,
    endP50Ms: median(tookMs),
  };
}

function summary(samples: readonly Sample[][], side: number): object {
  const of = (figure: keyof Sample) => round(median(samples.map((round) => round[side]![figure])));
  const ratio = (figure: keyof Sample) =>
    round(median(samples.map((round) => round[side]![figure] / round[0]![figure])));
  return {
    cpuUs: of('cpuUs'),
    postgresCpuUs: of('postgresCpuUs'),
    commits: of('commits'),
    perSecond: of('perSecond'),
    endP50Ms: of('endP50Ms'),
    cpuRatio: ratio('cpuUs'),
    speedRatio: ratio('perSecond'),
  };
}

/** Statements of a run by their text, those of periodic work included, from the log of Postgres. */
async function countStatements(layout: Layout): Promise<object> {
  const settings = { log_statement: 'all', log_min_messages: 'log', log_line_prefix: '@' };
  const side = await openSide(layout, settings);
  try {
    const work = spread(side);
    await loop(CLIENTS, 60_000, work, COUNTED_RUNS);
    const from = statSync(side.stack.postgresLog).size;
    const { tookMs } = await loop(CLIENTS, 60_000, work, COUNTED_RUNS);
    const log = readFileSync(side.stack.postgresLog).subarray(from).toString('latin1');
    const counts = new Map<string, number>();
    for (const text of statementsIn(log)) counts.set(text, (counts.get(text) ?? 0) + 1);
    const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, TEXTS_SHOWN);
    const perRun = (count: number) => round(count / tookMs.length);
    return {
      statements: perRun([...counts.values()].reduce((sum, count) => sum + count, 0)),
      eventReads: perRun([...counts].reduce((sum, [text, count]) => sum + (readsEvents(text) ? count : 0), 0)),
      byText: Object.fromEntries(most.map(([text, count]) => [text, perRun(count)])),
    };
  } finally {
    await side.stack.close();
  }
}

const readsEvents = (text: string): boolean => /^(events_|head_)/.test(text);

/** The statements in a log, by their names, or else by the beginning of their texts. */
function statementsIn(log: string): string[] {
  return log.split('\n@').flatMap((line) => {
    const [, name, text] = /^LOG: {2}(?:execute ([^:]*)|statement): ([\s\S]*)/.exec(line) ?? [];
    if (text === undefined) return [];
    const plain = text
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/'[^']*'/g, '?')
      .slice(0, 70);
    return [name && name !== '<unnamed>' ? name : plain];
  });
}
