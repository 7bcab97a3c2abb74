/** The number of tools: all, enabled, and by proposed effect, with an example name. */
export type ToolCount = { all: number; enabled: number; proposed?: { read?: Proposed; write?: Proposed } };
export type Proposed = { count: number; name: string };

/** Describes how many tools are enabled and how to enable the others, for a person who has just registered the integration. */
export function toolsText(customerIntegrationId: string, { all, enabled }: ToolCount): string {
  if (all === enabled) return all === 0 ? 'It has no tools.' : `All of ${all} tools are on.`;
  const others = '{"enabled": "all"}, or the names that GET there lists';
  return `${enabled} of ${all} tools are on. PUT /v1/integrations/${customerIntegrationId}/tools turns on others: ${others}.`;
}

export function effectProposals(customerIntegrationId: string, { proposed = {} }: ToolCount) {
  const { read, write } = proposed;
  if (!read && !write) return undefined;
  const counts = (count: number, as: string) => `${count} ${count === 1 ? 'tool counts' : 'tools count'} as ${as}`;
  const answers = [...(write ? [`"${write.name}": "write"`] : []), ...(read ? [`"${read.name}": "read"`] : [])];
  const text = [
    ...(write
      ? [`${counts(write.count, 'reads, but change something')} by their names and words, such as ${write.name}.`]
      : []),
    ...(read
      ? [`${counts(read.count, 'writes, but only query')} by their names and words, such as ${read.name}.`]
      : []),
    `GET /v1/integrations/${customerIntegrationId}/tools marks each with proposedEffect.`,
    `To accept: PUT there {"effects": {${answers.join(', ')}}}. To refuse: the other effect.`,
  ];
  return { read: read?.count ?? 0, write: write?.count ?? 0, text: text.join(' ') };
}
