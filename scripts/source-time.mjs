import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';

/** The time of the sources: SOURCE_DATE_EPOCH, or that of the last commit; 1980 without a repository. It makes builds repeatable. */
export function sourceTime() {
  const { SOURCE_DATE_EPOCH } = process.env;
  return new Date(1000 * Number(SOURCE_DATE_EPOCH || commitTime() || 315_532_800));
}

function commitTime() {
  try {
    return execFileSync('git', ['log', '-1', '--format=%ct'], {
      cwd: dirname(import.meta.dirname),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}
