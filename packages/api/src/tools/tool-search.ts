import type { FoundTool } from '@errand/contracts';

export type ToolSearchRequest = {
  workspaceId: string;
  text: string;
  /** Ids of integrations, or `*` for all that are active. */
  selection: readonly string[];
  /** Most tools. */
  limit: number;
  signal: AbortSignal;
};

/**
 * Finds the enabled tools of a workspace that a text speaks of, best first.
 * @throws ProblemError connection_not_found, connection_inactive for integrations that are named
 */
export type ToolSearch = (request: ToolSearchRequest) => Promise<FoundTool[]>;
