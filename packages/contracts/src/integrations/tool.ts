// Tools, the operations of integrations: as callers see them (`Tool`), and as the service uses them (`ToolSpec`).
import { z } from 'zod';
import { flag, optionalFlag, optionalOneOf, optionalText, text } from '../base/fields.ts';
import { JsonSchema } from '../base/json.ts';
import { type CustomerIntegrationId, Effect, ToolName } from '../base/scalars.ts';
import type { PageRules } from './settings/rules.ts';

export const Tool = z
  .object({
    name: ToolName,
    description: text('The description by its service.', 'List deals'),
    method: optionalText('HTTP method, for tools of an OpenAPI document.', 'GET'),
    path: optionalText('Path template, for tools of an OpenAPI document.', '/deals'),
    inputSchema: JsonSchema.meta({
      description: 'JSON Schema of the arguments. For OpenAPI tools they are grouped as path, query, header and body.',
      examples: [
        { type: 'object', properties: { query: { type: 'object', properties: { accountId: { type: 'string' } } } } },
      ],
    }),
    enabled: flag('Whether runs may see and call it.', true),
    effect: Effect,
    proposedEffect: Effect.optional().meta({
      description:
        'Set if the words of the tool suggest another effect. `effect` applies until the owner sets one by `effects` of PUT /v1/integrations/{customerIntegrationId}/tools. read: a POST that only queries. write: a tool that counted as a read before its words were checked.',
      examples: ['read'],
    }),
    needsReview: optionalFlag(
      'Set if a refresh found the tool new or changed: it is disabled until you enable it. Also set if `proposedEffect` is write: the tool stays as it is until its owner sets its effect.',
      true,
    ),
    change: optionalOneOf(['new', 'changed', 'removed'], 'The change that a refresh found.', 'changed'),
  })
  .meta({ id: 'Tool', description: 'One operation of an integration.' });
export type Tool = z.infer<typeof Tool>;

/** A tool in a list. Long lists omit its large fields. */
export const ListedTool = Tool.partial({ description: true, inputSchema: true })
  .extend({
    title: optionalText('Short title, if its service has one.', 'List deals'),
    fingerprint: optionalText(
      'Changes with everything that planners and people see of the tool. Absent with `leftOut`.',
      '9f86d081',
    ),
    leftOut: z
      .object({ path: z.string() })
      .optional()
      .meta({
        description:
          'Set when description, path and inputSchema did not fit: the path of the page that begins with this tool, where it is complete.',
        examples: [{ path: '/v1/integrations/crm_1a2b3c4d/tools?cursor=WzAsImxpc3RBY2NvdW50cyJd…' }],
      }),
  })
  .meta({ id: 'ListedTool', description: 'One operation of an integration, in a list.' });
export type ListedTool = z.infer<typeof ListedTool>;

export const ToolDefinition = z
  .object({
    title: optionalText('Short title, if its service has one.', 'List deals'),
    description: text('The description by its service.', 'List deals'),
    method: optionalText('HTTP method, for tools of an OpenAPI document.', 'GET'),
    path: optionalText('Path template, for tools of an OpenAPI document.', '/deals'),
    inputSchema: JsonSchema.meta({ description: 'JSON Schema of the arguments.', examples: [{ type: 'object' }] }),
    outputSchema: JsonSchema.optional().meta({
      description: 'JSON Schema of the output, if its service describes it.',
      examples: [{ type: 'object' }],
    }),
    effect: Effect,
  })
  .meta({ id: 'ToolDefinition', description: 'A tool as its service describes it at one time.' });
export type ToolDefinition = z.infer<typeof ToolDefinition>;

export const ToolChange = z
  .object({
    name: ToolName,
    change: optionalOneOf(
      ['new', 'changed', 'removed'],
      'The change that a refresh found. Absent if there is none.',
      'changed',
    ),
    enabled: flag('Whether runs may see and call it.', false),
    fingerprint: text('Identifies the definition `after`. Send it to accept the tool.', '9f86d081'),
    before: ToolDefinition.optional().meta({
      description:
        'The definition before the change. Absent for a new tool, without a change, and if it has more than 64 KiB.',
    }),
    after: ToolDefinition.optional().meta({ description: 'The current definition. Absent for a removed tool.' }),
  })
  .meta({ id: 'ToolChange', description: 'A change of a tool, for its owner to review.' });
export type ToolChange = z.infer<typeof ToolChange>;

export const RequestLine = z
  .object({
    method: text('The HTTP method.', 'POST'),
    host: text('The host.', 'crm.example.com'),
    path: text('The path, with the names of its parameters.', '/deals/{dealId}'),
  })
  .meta({
    id: 'RequestLine',
    description: 'The HTTP request of a call. Absent if the tool does not come from an OpenAPI document.',
  });

/** A tool with everything that is needed to choose and call it. */
export type ToolSpec = Tool & {
  customerIntegrationId: z.infer<typeof CustomerIntegrationId>;
  /** Name of the integration, for search and for people. */
  integrationName: string;
  operation: string;
  /** Short title of the operation (an OpenAPI summary), when there is one. */
  title?: string;
  /** How its service divides its list into pages, if the owner of the integration says so. */
  pages?: PageRules;
  /** JSON Schema of the output of a successful call, if known. */
  outputSchema?: JsonSchema;
  /**
   * Changes with everything that a planner or a person relied on, and with each registration of its integration.
   * Plans, approvals and approval rules are valid for one fingerprint.
   */
  fingerprint: string;
  /** Whether calling it twice with the same arguments does no more than calling it once. */
  idempotent: boolean;
  /** How the call is built from the arguments. Only packages/integrations reads it. */
  call: unknown;
};

/** Keywords of a schema that say more than its type. */
const DESCRIPTIVE_KEYWORDS = [
  'properties',
  'items',
  'prefixItems',
  'additionalProperties',
  '$ref',
  'oneOf',
  'anyOf',
  'allOf',
  'enum',
];

/** Whether the schema describes the output. No schema, an empty one, and a bare object or list do not. */
export function describesOutput({ outputSchema = {} }: Pick<ToolSpec, 'outputSchema'>): boolean {
  const { type } = outputSchema;
  if (typeof type === 'string' && type !== 'object' && type !== 'array') return true;
  return DESCRIPTIVE_KEYWORDS.some((keyword) => ['object', 'string'].includes(typeof outputSchema[keyword]));
}

/**
 * A tool of a document, before it is stored. If `effect` follows from its words, `statedEffect` is the effect by its method or server.
 * The fingerprint covers `statedEffect`, so that a newer list of words changes no tool.
 */
export type DescribedTool = Omit<ToolSpec, 'fingerprint'> & { statedEffect?: Effect };

/** Whether a tool was deleted or has changed since its fingerprint was stored. */
export const hasChanged = (fingerprint: string, currentTool: Pick<ToolSpec, 'fingerprint'> | undefined): boolean =>
  currentTool?.fingerprint !== fingerprint;
