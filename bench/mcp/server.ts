import type { Figures, Scenario } from '../figures.ts';
import type { Stack } from '../stack.ts';
import { type Score, say, scoreOf } from './score.ts';
import { suitesIn } from './suites.ts';
import { credentials, twoProcesses } from './two-processes.ts';

/** Scenarios in which the server asks the client during a call. That needs a session, which a stateless server does not have. */
const NEED_SESSIONS = [
  'elicitation-sep1034-defaults',
  'elicitation-sep1330-enums',
  'tools-call-elicitation',
  'tools-call-sampling',
];
/** By revision: the number of required scenarios, and the names of those that fail. */
const expectedChecks: Record<string, { required: number; failed: string[] }> = {
  '2026-07-28': { required: 37, failed: [] },
  '2025-11-25': { required: 30, failed: NEED_SESSIONS },
};
/** Longer than any scenario that can pass. Those that need sessions run until this timeout. */
const SCENARIO_MS = 10_000;

export const mcpServer: Scenario = {
  name: 'mcp-server',
  goal: { '2026-07-28': '37/37', '2025-11-25': '26/30, the four that need sessions' },
};

/** Runs the conformance suite against `/mcp` of two processes. @throws Error when the result is not the goal */
export async function measureMcpServer(stack: Stack): Promise<Figures> {
  const runSuite = await suitesIn(stack.folder);
  const program = new URL('./fixture-server.js', import.meta.url);
  // The suite sends no headers of its own.
  const service = await twoProcesses(stack, { program, headers: credentials(stack) });
  try {
    const scores: [string, Score][] = [];
    for (const revision of Object.keys(expectedChecks)) {
      const at = ['--url', `${service.url}/mcp`, '--requirements', revision, '--timeout', String(SCENARIO_MS)];
      const score = scoreOf((await runSuite('conformance', ['server', ...at])).stdout);
      say('server', revision, score);
      scores.push([revision, score]);
    }
    const missed = scores.filter(([revision, score]) => !isWanted(revision, score)).map(([revision]) => revision);
    if (missed.length > 0) throw new Error(`The goal is missed for ${missed.join(' and ')}.`);
    const served = service.served();
    if (served.some((count) => count === 0)) throw new Error('One of the processes served nothing.');
    return { ...Object.fromEntries(scores), requestsOfEachProcess: served };
  } finally {
    await service.close();
  }
}

const isWanted = (revision: string, { required, failed }: Score): boolean =>
  required === expectedChecks[revision]!.required && failed.sort().join() === expectedChecks[revision]!.failed.join();
