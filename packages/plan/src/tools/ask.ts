import { BUILTIN_INTEGRATION_ID, questionJsonSchema, type ToolSpec } from '@errand/contracts';

/** Maximum number of items of a `forEach` with questions to people. */
export const MAX_QUESTIONS = 20;

/** Errand's own tool with which a plan asks a person. It belongs to no integration; the answer is its output. */
export const ASK: ToolSpec = {
  name: `${BUILTIN_INTEGRATION_ID}.ask`,
  customerIntegrationId: BUILTIN_INTEGRATION_ID,
  integrationName: 'Errand',
  operation: 'ask',
  title: 'Ask a person',
  description: 'Asks a person a question, and waits for the answer.',
  inputSchema: questionJsonSchema,
  outputSchema: { type: ['string', 'number', 'boolean', 'object'] },
  enabled: true,
  effect: 'read',
  idempotent: true,
  fingerprint: 'ask-1',
  call: null,
};

export const toolNamed = (name: string, tools: readonly ToolSpec[]): ToolSpec | undefined =>
  name === ASK.name ? ASK : tools.find((tool) => tool.name === name);
