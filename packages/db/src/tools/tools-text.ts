/** The number of tools of an integration, and of those that are enabled. */
export type ToolCount = { all: number; enabled: number };

/** How many tools are enabled and how to enable the others, for the person who has just registered the integration. */
export function toolsText(customerIntegrationId: string, { all, enabled }: ToolCount): string {
  if (all === enabled) return all === 0 ? 'It has no tools.' : `All of ${all} tools are on.`;
  const others = '{"enabled": "all"}, or the names that GET there lists';
  return `${enabled} of ${all} tools are on. PUT /v1/integrations/${customerIntegrationId}/tools turns on others: ${others}.`;
}
