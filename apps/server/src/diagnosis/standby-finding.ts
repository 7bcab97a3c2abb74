import type { Replication } from '@errand/db';
import { type Finding, failed, ok, warning } from './finding.ts';

const LOSS = 'after a failover, runs that were accepted may be missing, and their writes may be sent twice';
const SEE = 'docs/failover.md has the settings';

/** Whether a failover can lose what was accepted, or commits wait for a standby that does not stream. */
export function standbyFinding({ standbys, synchronous, required, unsafeCommits }: Replication): Finding {
  if (required === 0 && standbys === 0) return ok('standby', 'No standby streams from this server.');
  if (required === 0)
    return warning(
      'standby',
      `${counted(standbys)}, and none is synchronous: ${LOSS}.`,
      `Set synchronous_standby_names, or synchronous_mode in Patroni; ${SEE}.`,
    );
  if (unsafeCommits.length > 0)
    return warning(
      'standby',
      `synchronous_commit is ${unsafeCommits.join(' and ')} for a login, so commits do not wait for a standby: ${LOSS}.`,
      'Set it to on for the logins of Errand.',
    );
  const available = synchronous === 'unknown' ? standbys : synchronous;
  if (available < required)
    return failed(
      'standby',
      `Commits wait, and so do requests: synchronous_standby_names needs ${required}, and ${counted(available)}.`,
      `Start the standby, or take it out of synchronous_standby_names; ${SEE}.`,
    );
  if (synchronous === 'unknown')
    return warning(
      'standby',
      `The login may not see whether the standbys for which commits wait (${required}) are streaming.`,
      'Let an administrator run: GRANT pg_read_all_stats TO errand_system.',
    );
  return ok('standby', `${counted(standbys)}; each commit waits for ${required}.`);
}

const counted = (standbys: number) => (standbys === 1 ? '1 standby streams' : `${standbys} standbys stream`);
