import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figures, Scenario } from '../figures.ts';
import type { Stack } from '../stack.ts';
import type { Errand } from './over-errand.ts';
import { type Score, say, scoreOf } from './score.ts';
import { suitesIn } from './suites.ts';
import { freePort } from './two-processes.ts';

/** All five checks pass. The suite additionally reports the call that is abandoned while a person is asked as a failure. */
const GIVEN_UP = 'elicitation-sep1034-client-defaults';
const GIVEN_UP_LINE = `✗ ${GIVEN_UP}: 5 passed, 1 failed`;
/** By revision: the number of required scenarios, and the names of those that fail. */
const expectedChecks: Record<string, { required: number; failed: string[] }> = {
  '2026-07-28': { required: 32, failed: [] },
  '2025-11-25': { required: 18, failed: [GIVEN_UP] },
};
/** The suite runs all scenarios concurrently. */
const SCENARIO_MS = 120_000;

export const mcpClient: Scenario = {
  name: 'mcp-client',
  goal: { '2026-07-28': '32/32', '2025-11-25': '17/18, the other one with all its five checks' },
};

/**
 * Runs the client half of the conformance suite against the built integrations and a service. @throws Error when the result is not the goal
 */
export async function measureMcpClient(stack: Stack): Promise<Figures> {
  const runSuite = await suitesIn(stack.folder);
  const driver = fileURLToPath(new URL('./client-driver.js', import.meta.url));
  const settings = join(stack.folder, 'suite-errand.json');
  // Another server would claim runs whose calls it may not make.
  await (await stack.main()).stop();
  const port = await freePort();
  const { url, stop } = await stack.serve({ ERRAND_EGRESS_ALLOW: `http://127.0.0.1:${port}` });
  await writeFile(settings, JSON.stringify({ url, apiKey: stack.apiKey, port } satisfies Errand));
  const scores: [string, Score][] = [];
  for (const revision of Object.keys(expectedChecks)) {
    const how = ['--requirements', revision, '--timeout', String(SCENARIO_MS)];
    const command = `${process.execPath} ${driver} ${settings}`;
    const { stdout } = await runSuite('conformance', ['client', '--command', command, ...how]);
    const score = scoreOf(stdout);
    if (score.failed.includes(GIVEN_UP) && !stdout.includes(GIVEN_UP_LINE)) score.failed.push(`a check of ${GIVEN_UP}`);
    say('client', revision, score);
    scores.push([revision, score]);
  }
  await stop();
  const missed = scores.filter(([revision, score]) => !isWanted(revision, score)).map(([revision]) => revision);
  if (missed.length > 0) throw new Error(`The goal is missed for ${missed.join(' and ')}.`);
  return Object.fromEntries(scores);
}

const isWanted = (revision: string, { required, failed }: Score): boolean =>
  required === expectedChecks[revision]!.required && failed.sort().join() === expectedChecks[revision]!.failed.join();
