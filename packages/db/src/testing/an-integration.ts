import type { Target } from '../credentials/destination.ts';
import type { NewIntegration } from '../integrations/create.ts';
import type { NewTool, ToolTexts } from '../tools/tool-row.ts';

/** Tools as an importer returns them. */
export const textsOf = (...tools: readonly NewTool[]): ToolTexts => [JSON.stringify(tools)];

/** A tool with every default that a test does not care about. */
export const aTool = (operation: string, more: Partial<NewTool> = {}): NewTool => ({
  operation,
  description: `Does ${operation}`,
  method: 'GET',
  path: `/${operation}`,
  inputSchema: { type: 'object' },
  effect: 'read',
  idempotent: true,
  call: { method: 'GET', path: `/${operation}` },
  ...more,
});

/** An integration, by default with two tools. */
export const anIntegration = ({
  tools = [aTool('listDeals'), aTool('createDeal', { effect: 'write', method: 'POST' })],
  ...more
}: Partial<Omit<NewIntegration, 'tools'> & { tools: readonly NewTool[] }> = {}): NewIntegration => ({
  name: 'CRM',
  kind: 'openapi',
  host: 'crm.example.com',
  baseUrl: 'https://crm.example.com/v1',
  auth: { type: 'API_TOKEN', in: 'header', name: 'Authorization', prefix: 'Bearer ' },
  tools: textsOf(...tools),
  enable: 'all',
  ...more,
});

/** The destination of the credentials of `anIntegration`. */
export const aTarget = (customerIntegrationId: string, more: Partial<Target> = {}): Target => {
  const { baseUrl, auth } = anIntegration();
  return { customerIntegrationId, baseUrl, auth, ...more };
};
