import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runCrash } from './crash.ts';
import { type RaceName, raceNames, runRace } from './race.ts';
import { CHANGE_GAP_MS } from './schedule.ts';
import { faultsOf, runSeed, type SeedOptions } from './seed-run.ts';
import { type Broken, everyBroken, type ServiceRule, serviceRuleOf, trials } from './trials.ts';
import { Unproven } from './unproven.ts';
import { tell, type Verdict } from './verdict.ts';

const USAGE = `pnpm faults [--seed S | --seeds K] [--seconds N] [--rate R] [--release DIR] [--break RULE] [--against RULE]
pnpm faults ${raceNames.join(' | ')} [--runs N] [--break RULE]
pnpm faults crash
pnpm faults failovers [--count N] [--seed S] [--rate R]
--release DIR: deploys also run the last release, from its built checkout in DIR
RULE: ${everyBroken.join(', ')}`;

/** @returns the exit code: 1 when an invariant was violated or a seed proved nothing, 2 for wrong arguments, 3 when no check failed without a rule */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  const invocation = read(argv);
  if (!invocation) {
    console.error(USAGE);
    return 2;
  }
  if (invocation === 'crash') return (await runCrash()) ? 0 : 1;
  if ('race' in invocation) return (await runRace(invocation.race, invocation.runs, invocation.broken)) ? 0 : 1;
  const results: SeedResult[] = [];
  for (const options of invocation) results.push(await runOne(options));
  const failed = results.filter(({ isFailed }) => isFailed).map(({ seed }) => seed);
  const unseen = results.filter(({ isUnseen }) => isUnseen);
  console.log(
    `${invocation.length - failed.length} seeds hold, ${failed.length} do not${failed.length > 0 ? `: ${failed}` : ''}`,
  );
  if (unseen.length > 0) return 3;
  return failed.length > 0 ? 1 : 0;
}

/** `isUnseen`: a rule was broken, and no check failed. */
type SeedResult = { seed: number; isFailed: boolean; isUnseen: boolean };

async function runOne(options: SeedOptions): Promise<SeedResult> {
  const { seed, seconds, broken } = options;
  console.log(`seed ${seed}, ${seconds} s${broken ? `, broken: ${broken}` : ''}`);
  for (const { at, kind, ...more } of faultsOf(options)) {
    console.log(`  at ${(at / 1000).toFixed(1).padStart(5)} s ${kind} ${JSON.stringify(more)}`);
  }
  const outcome = await runSeed(options).catch((error: unknown) => {
    if (error instanceof Unproven) console.error(`  proved nothing: ${error.message}.`);
    else console.error('  the harness itself broke:', error);
  });
  if (!outcome) return { seed, isFailed: true, isUnseen: broken !== undefined };
  const { verdicts, violated, summary, keptFolder } = outcome;
  console.log(`  ${summary}`);
  for (const verdict of verdicts) console.log(tell(verdict));
  if (keptFolder) console.log(`  history and logs: ${keptFolder}`);
  return { seed, isFailed: violated, isUnseen: broken !== undefined && !isCaught(broken, verdicts) };
}

function isCaught(broken: Broken, verdicts: readonly Verdict[]): boolean {
  const caught = caughtBy(broken, verdicts);
  const text = caught.length > 0 ? `is caught by ${caught.join(', ')}` : 'is not caught: this proved nothing';
  console.log(`  ${broken} ${text}`);
  return caught.length > 0;
}

/** The violated checks that belong to a rule. */
export const caughtBy = (rule: Broken, verdicts: readonly Verdict[]): string[] =>
  verdicts.flatMap(({ name, violations }) =>
    violations.length > 0 && trials[rule].caughtBy.includes(name) ? [name] : [],
  );

type Race = { race: RaceName; runs: number; broken?: ServiceRule };

function read(argv: readonly string[]): SeedOptions[] | Race | 'crash' | undefined {
  try {
    const text = { type: 'string' } as const;
    const options = {
      ...{ seed: text, seeds: text, seconds: text, rate: text, break: text, against: text },
      ...{ runs: text, count: text, release: text },
    };
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    if (positionals.length === 0) return seedsOf(values);
    if (argv.length === 1 && argv[0] === 'crash') return 'crash';
    if (positionals.length === 1 && positionals[0] === 'failovers') return [failoversOf(values)];
    const broken = serviceRuleOf(ruleOf(values.break));
    if (values.break !== undefined && !broken) return undefined;
    const race = raceNames.find((name) => name === positionals[0]);
    const isAlone = positionals.length === 1 && Object.keys(values).every((name) => ['runs', 'break'].includes(name));
    return race && isAlone ? { race, runs: whole(values.runs ?? '300'), broken } : undefined;
  } catch (error) {
    console.error((error as Error).message);
    return undefined;
  }
}

const ruleOf = (name: string | undefined) => everyBroken.find((rule) => rule === name);

function seedsOf(values: { [option: string]: string | undefined }): SeedOptions[] | undefined {
  const broken = ruleOf(values.break);
  const against = values.against === undefined ? broken : ruleOf(values.against);
  if ((values.break !== undefined && !broken) || (values.against !== undefined && !against)) return undefined;
  if (values.runs !== undefined || values.count !== undefined) return undefined;
  const first = whole(values.seed ?? '1');
  const seconds = whole(values.seconds ?? '30');
  const rate = whole(values.rate ?? '4');
  const count = whole(values.seeds ?? '1');
  const release = values.release === undefined ? {} : { release: programIn(values.release) };
  return Array.from({ length: count }, (_, i) => ({ seed: first + i, seconds, rate, broken, against, ...release }));
}

/** Ten failovers and ten switchovers under load, without other faults. */
function failoversOf({ count = '10', seed = '1', rate = '4', ...others }: { [option: string]: string | undefined }) {
  if (Object.keys(others).length > 0) throw new Error('The other options are for seeds.');
  const changes = whole(count);
  const seconds = Math.ceil((2 * changes * CHANGE_GAP_MS) / 1000);
  return { seed: whole(seed), seconds, rate: whole(rate), changes };
}

/** The program of a built checkout. */
function programIn(folder: string): string {
  const program = join(resolve(folder), 'apps/server/dist/main.js');
  if (!existsSync(program)) throw new Error(`${folder} is not a built checkout: it has no apps/server/dist/main.js.`);
  return program;
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${text} is no whole number above 0.`);
  return Number(text);
}
