import type { Pool } from 'pg';

/** The task of graphile-worker that reads the tools of an MCP server. */
export const TOOLS_TASK = 'read_tools';
/** With pauses that grow: 1 s, 3 s, 7 s, 20 s, 55 s. */
const MAX_ATTEMPTS = 6;

/** An MCP server whose tools are to be read, and the user with whose credential. */
export type ToolsJob = { workspaceId: string; customerIntegrationId: string; userId: string };

/** Adds a job; one that waits already for the same integration is enough. */
export async function addToolsJob(pool: Pool, job: ToolsJob): Promise<void> {
  await pool.query(`SELECT graphile_worker.add_job($1, $2::json, max_attempts => ${MAX_ATTEMPTS}, job_key => $3)`, [
    TOOLS_TASK,
    JSON.stringify(job),
    `${TOOLS_TASK}:${job.workspaceId}:${job.customerIntegrationId}`,
  ]);
}
