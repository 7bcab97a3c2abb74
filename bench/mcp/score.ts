/** The result of a run of the conformance suite, by the scenarios that the revision requires. */
export type Score = { passed: number; required: number; failed: string[] };

/**
 * Reads the summary that the suite prints with `--requirements`: a line for each scenario, then those that are not scored.
 * @throws Error when there is no summary
 */
export function scoreOf(stdout: string): Score {
  const [, summary] = stdout.split(/=== (?:SUITE )?SUMMARY ===/);
  if (summary === undefined) throw new Error(`The suite printed no summary: ${stdout.slice(-500)}`);
  const [scored = '', others = ''] = summary.split(/^Not scored .*$/m);
  const unscored = new Set([...others.matchAll(/^ *[✓✗] (\S+) \(/gm)].map(([, name]) => name));
  const lines = [...scored.matchAll(/^([✓✗]) (\S+): \d+ passed/gm)].filter(([, , name]) => !unscored.has(name!));
  const failed = lines.filter(([, mark]) => mark === '✗').map(([, , name]) => name!);
  return { passed: lines.length - failed.length, required: lines.length, failed };
}

/** The result in one line. */
export const say = (half: 'server' | 'client', revision: string, { passed, required, failed }: Score): void =>
  console.log(
    `${half} ${revision} ${passed}/${required}${failed.length > 0 ? ` without ${failed.sort().join(', ')}` : ''}`,
  );
