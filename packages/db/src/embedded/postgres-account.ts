import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The OS account of Postgres; empty: the current user. */
export type Account = { uid: number; gid: number } | Record<never, never>;

/** Postgres refuses to run as root. Root uses an account that exists on every system instead. */
export function postgresAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // no such account
    }
  }
  return { uid: 65_534, gid: 65_534 };
}

/** Whether the account can enter every parent folder of the path (home folders are often 0700). */
export function canEnterParents(account: Account, path: string): boolean {
  if (!('uid' in account)) return true;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { uid, gid, mode } = statSync(folder);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if (!(mode & bit)) return false;
    if (folder === dirname(folder)) return true;
  }
}
