/** How many tools an integration has, and how many of them are on. */
export type ToolCount = { all: number; enabled: number };

/** How many are on, and how to turn on the others: for the person who has just registered it. */
export function toolsText(customerIntegrationId: string, { all, enabled }: ToolCount): string {
  if (all === enabled) return all === 0 ? 'It has no tools.' : `All of ${all} tools are on.`;
  const others = '{"enabled": "all"}, or the names that GET there lists';
  return `${enabled} of ${all} tools are on. PUT /v1/integrations/${customerIntegrationId}/tools turns on others: ${others}.`;
}
