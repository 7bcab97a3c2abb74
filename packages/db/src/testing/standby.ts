import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareDataFolder } from '../embedded/cluster.ts';
import { postgresAccount } from '../embedded/postgres-account.ts';
import { startWithAdministrator } from './administrator.ts';

/**
 * Starts a standby: a copy of a stopped server that stays in recovery. It receives nothing from any primary.
 * @param from the folder of the stopped server
 * @param dir the folder for the copy
 */
export function startStandby(from: string, dir: string): ReturnType<typeof startWithAdministrator> {
  const who = postgresAccount();
  const copy = prepareDataFolder(dir, who);
  execFileSync('cp', ['-a', `${prepareDataFolder(from, who)}/.`, copy]);
  writeFileSync(join(copy, 'cluster', 'data', 'standby.signal'), '');
  return startWithAdministrator({ dir });
}
