import type { JsonSchema, ToolSpec } from '@errand/contracts';

/** A tool of the integration crm_1a2b3c4d with these properties as arguments. */
export function aTool(
  operation: string,
  properties: JsonSchema = {},
  { effect = 'read', ...schema }: { effect?: ToolSpec['effect'] } & JsonSchema = {},
): ToolSpec {
  return {
    name: `crm_1a2b3c4d.${operation}`,
    customerIntegrationId: 'crm_1a2b3c4d',
    integrationName: 'CRM',
    operation,
    description: operation,
    enabled: true,
    effect: effect === 'write' ? 'write' : 'read',
    fingerprint: operation,
    idempotent: effect !== 'write',
    inputSchema: { type: 'object', properties, ...schema },
    call: null,
  };
}
