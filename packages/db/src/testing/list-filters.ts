import type { RunFilter } from '../runs/list/filter.ts';
import type { RunSort } from '../runs/list/list.ts';
import { newId } from '../statements/scope.ts';

const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

/** Filters of the runs of `seedRuns`, by their results. */
export const listFilters = (): Record<string, RunFilter & { sort?: RunSort }> => ({
  'all runs': {},
  'ids that no run has': { runIds: [newId(), newId()] },
  'a user': { userId: 'user-7' },
  'a user without runs': { userId: 'nobody' },
  'a common status': { status: ['SUCCESS'] },
  'a rare status': { status: ['PAUSED'] },
  'a status that no run has': { status: ['CANCELED'] },
  'a common integration': { customerIntegrationIds: ['crm_00000001'] },
  'a rare integration': { customerIntegrationIds: ['erp_00000000'] },
  'an integration that no run has': { customerIntegrationIds: ['erp_99999999'] },
  'a common repeatKey': { repeatKey: 'weekly-100' },
  'a repeatKey that no run has': { repeatKey: 'nothing' },
  'a repeatKey that is the id of a run': { repeatKey: newId() },
  'common metadata': { metadata: { team: 'team-4' } },
  'metadata of one run': { metadata: { ticket: '400' } },
  'metadata that no run has': { metadata: { ticket: 'nothing' } },
  'a schedule that has no run': { scheduleId: newId() },
  'a user and a status': { userId: 'user-7', status: ['SUCCESS'] },
  'two statuses': { status: ['SUCCESS', 'FAILED'] },
  'two rare statuses': { status: ['PAUSED', 'AUTH_REQUIRED'] },
  'a common word': { q: 'deals northwind' },
  'a word of 2 %': { q: 'Fabrikam' },
  'a rare word': { q: 'contoso' },
  'a word that no run has': { q: 'nothing of the kind' },
  'a common error': { errorCode: 'tool_failed' },
  'a rare error': { errorCode: 'budget_exhausted' },
  'an error that no run has': { errorCode: 'plan_failed' },
  'what waits': { waiting: true },
  'what does not wait': { waiting: false },
  'times of create': { createdAfter: secondsAgo(7200) },
  'old times of create': { createdBefore: secondsAgo(15_000) },
  'oldest first': { sort: 'createdAt' },
  'longest first': { sort: '-duration' },
  'longest first, of a user': { userId: 'user-7', sort: '-duration' },
});
