import { z } from 'zod';

export const Effect = z.enum(['read', 'write']).meta({
  id: 'Effect',
  description: 'read: calling the tool changes nothing. write: it may.',
  examples: ['read'],
});
export type Effect = z.infer<typeof Effect>;

export const ToolName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,128}\.[A-Za-z0-9_-]{1,64}$/, 'Must be a customerIntegrationId, a dot and an operation.')
  .meta({
    id: 'ToolName',
    description: 'A tool: its integration and its operation.',
    examples: ['crm_1a2b3c4d.listDeals'],
  });
