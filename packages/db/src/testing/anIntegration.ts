import type { NewIntegration } from '../management/integrations.ts';
import type { NewTool } from '../management/toolRow.ts';

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

/** An integration with two tools, unless told otherwise. */
export const anIntegration = (more: Partial<NewIntegration> = {}): NewIntegration => ({
  name: 'CRM',
  kind: 'openapi',
  host: 'crm.example.com',
  baseUrl: 'https://crm.example.com/v1',
  auth: { type: 'API_TOKEN', in: 'header', name: 'Authorization', prefix: 'Bearer ' },
  tools: [aTool('listDeals'), aTool('createDeal', { effect: 'write', method: 'POST' })],
  ...more,
});
