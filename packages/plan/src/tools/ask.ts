import { BUILTIN, questionSchema, type ToolSpec } from '@errand/contracts';

/** The most items of a `forEach` for which a step asks people. */
export const MAX_QUESTIONS = 20;

/** The tool of Errand itself by which a plan asks a person. It belongs to no integration; the answer is its output. */
export const ASK: ToolSpec = {
  name: `${BUILTIN}.ask`,
  customerIntegrationId: BUILTIN,
  integrationName: 'Errand',
  operation: 'ask',
  title: 'Ask a person',
  description: 'Asks a person a question, and waits for the answer.',
  inputSchema: questionSchema,
  outputSchema: { type: ['string', 'number', 'boolean', 'object'] },
  enabled: true,
  effect: 'read',
  idempotent: true,
  fingerprint: 'ask-1',
  call: null,
};

/** A tool by its name: one of Errand itself, or one of those that are given. */
export const toolNamed = (name: string, tools: readonly ToolSpec[]): ToolSpec | undefined =>
  name === ASK.name ? ASK : tools.find((tool) => tool.name === name);
