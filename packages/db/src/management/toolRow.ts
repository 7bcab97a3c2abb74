import { createHash } from 'node:crypto';
import type { JsonSchema, Tool, ToolSpec } from '@errand/contracts';
import type { Prisma } from '../generated/client.ts';
import type { Registered } from './integrationRow.ts';

/** A tool as an importer hands it over: its name follows from its integration and its operation. */
export type NewTool = Omit<ToolSpec, 'name' | 'customerIntegrationId' | 'integrationName' | 'enabled'> & {
  enabled?: boolean;
};

/** A tool as it is kept. */
export type StoredTool = ToolSpec & { sha256: string };

type Row = Prisma.ToolGetPayload<object>;

export function toolData(tool: NewTool, position: number, { customerIntegrationId, registrationId }: Registered) {
  return {
    operation: tool.operation,
    position,
    name: `${customerIntegrationId}.${tool.operation}`,
    summary: tool.title ?? null,
    description: tool.description,
    method: tool.method ?? null,
    path: tool.path ?? null,
    inputSchema: tool.inputSchema as Prisma.InputJsonObject,
    outputSchema: tool.outputSchema as Prisma.InputJsonObject | undefined,
    call: tool.call as Prisma.InputJsonValue,
    effect: tool.effect,
    idempotent: tool.idempotent,
    enabled: tool.enabled ?? true,
    sha256: digest(tool, registrationId),
  };
}

export function toTool(row: Row): Tool {
  return {
    name: row.name,
    description: row.description ?? '',
    ...(row.method !== null && { method: row.method }),
    ...(row.path !== null && { path: row.path }),
    inputSchema: row.inputSchema as JsonSchema,
    enabled: row.enabled,
    effect: row.effect as Tool['effect'],
    ...(row.change !== null && { change: row.change as Tool['change'] }),
    ...(waits(row) && { needsReview: true }),
  };
}

/** Whether the owner has yet to choose it. */
const waits = ({ change }: Row): boolean => change === 'new' || change === 'changed';

export function toStoredTool(row: Row, integrationName: string): StoredTool {
  return {
    ...toTool(row),
    customerIntegrationId: row.customerIntegrationId,
    integrationName,
    operation: row.operation,
    ...(row.summary !== null && { title: row.summary }),
    ...(row.outputSchema !== null && { outputSchema: row.outputSchema as JsonSchema }),
    idempotent: row.idempotent,
    call: row.call,
    sha256: row.sha256,
  };
}

function digest(tool: NewTool, registrationId: string) {
  const { operation, title, description, method, path, inputSchema, outputSchema, effect, call } = tool;
  const seen = { registrationId, operation, title, description, method, path, inputSchema, outputSchema, effect, call };
  return createHash('sha256').update(JSON.stringify(seen, sorted)).digest('hex');
}

/** Members in the order of their names: the same tool has the same digest, however its document was written. */
function sorted(_key: string, value: unknown) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
