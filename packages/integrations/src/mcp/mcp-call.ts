/** What `ToolSpec.call` holds for a tool of an MCP server; plain JSON, kept in the database. */
export type McpCall = {
  kind: 'mcp';
  /** The tool's own name at its server. */
  name: string;
  /** What the server says of it (tool annotations). Shown, and part of what is pinned; it decides nothing by itself. */
  hints?: { [hint: string]: boolean | string };
};

/** Whether a `ToolSpec.call` is one of these. */
export const isMcpCall = (call: unknown): call is McpCall =>
  typeof call === 'object' && call !== null && (call as { kind?: unknown }).kind === 'mcp';
