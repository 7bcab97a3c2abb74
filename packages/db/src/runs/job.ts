/** The job that the queue hands to a worker. */
export type AdvanceJob = { workspaceId: string; runId: string };

export const advanceTask = 'advance';

/** How often the queue tries a job before it gives it up to the sweeper. */
const attempts = 25;

/**
 * SQL that enqueues "advance this run". At most one job of a run waits at a time; while one is under way another may be added,
 * so that what happened meanwhile is seen. All jobs are equal whatever a run's priority: that orders a workspace's runs before
 * they come here, so that no tenant can push back another. By a function of the queue's owner: nobody else may write its tables.
 * @param workspaceId @param runId SQL expressions of type uuid
 * @param ahead for what a worker left behind: goes before all that has not begun (there is never more of it than workers had hands)
 */
export const enqueue = (workspaceId: string, runId: string, ahead = false): string =>
  `errand_queue.advance(${workspaceId}, ${runId}, ${attempts}, ${ahead ? -1 : 0})`;

/**
 * SQL that enqueues "advance this run" for a run that is being stored by the same statement: nothing of it can be in the queue.
 * @param workspaceId @param runId SQL expressions of type uuid
 */
export const enqueueFirst = (workspaceId: string, runId: string): string =>
  `errand_queue.first(${workspaceId}, ${runId}, ${attempts})`;
