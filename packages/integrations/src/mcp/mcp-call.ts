/** `ToolSpec.call` of a tool of an MCP server: plain JSON, stored in the database. */
export type McpCall = {
  kind: 'mcp';
  name: string;
  /** The server's annotations of the tool: shown and pinned, but they decide nothing by themselves. */
  hints?: { [hint: string]: boolean | string };
};

export const isMcpCall = (call: unknown): call is McpCall =>
  typeof call === 'object' && call !== null && (call as { kind?: unknown }).kind === 'mcp';
