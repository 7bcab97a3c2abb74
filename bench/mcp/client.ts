import { fileURLToPath } from 'node:url';
import type { Figures, Scenario } from '../figures.ts';
import type { Stack } from '../stack.ts';
import { type Score, say, scoreOf } from './score.ts';
import { suitesIn } from './suites.ts';

/** By revision: the scenarios that it requires, and those of them that fail. */
const wanted: Record<string, { required: number; failed: string[] }> = {
  '2026-07-28': { required: 32, failed: [] },
  // The server asks in the middle of a call and waits in its session: nobody could answer later, so Errand does not offer it there.
  '2025-11-25': { required: 18, failed: ['elicitation-sep1034-client-defaults'] },
};
/** The suite runs its scenarios all at once. */
const SCENARIO_MS = 120_000;

export const mcpClient: Scenario = {
  name: 'mcp-client',
  goal: { '2026-07-28': '32/32', '2025-11-25': '17/18, the one that needs a session' },
};

/** The conformance suite drives the built integrations. @throws Error when it comes to anything else than the goal */
export async function measureMcpClient(stack: Stack): Promise<Figures> {
  const runSuite = await suitesIn(stack.folder);
  const driver = fileURLToPath(new URL('./client-driver.js', import.meta.url));
  const scores: [string, Score][] = [];
  for (const revision of Object.keys(wanted)) {
    const how = ['--requirements', revision, '--timeout', String(SCENARIO_MS)];
    const score = scoreOf(
      (await runSuite('conformance', ['client', '--command', `${process.execPath} ${driver}`, ...how])).stdout,
    );
    say('client', revision, score);
    scores.push([revision, score]);
  }
  const missed = scores.filter(([revision, score]) => !isWanted(revision, score)).map(([revision]) => revision);
  if (missed.length > 0) throw new Error(`The goal is missed for ${missed.join(' and ')}.`);
  return Object.fromEntries(scores);
}

const isWanted = (revision: string, { required, failed }: Score): boolean =>
  required === wanted[revision]!.required && failed.sort().join() === wanted[revision]!.failed.join();
