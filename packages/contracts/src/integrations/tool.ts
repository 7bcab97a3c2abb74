import { z } from 'zod';
import { flag, optionalFlag, optionalOneOf, optionalText, text } from '../base/fields.ts';
import type { CustomerIntegrationId } from '../base/ids.ts';
import { JsonSchema } from '../base/json.ts';
import { Effect, ToolName } from '../base/tool-name.ts';

export const Tool = z
  .object({
    name: ToolName,
    description: text('What the tool does, as its service describes it.', 'List deals'),
    method: optionalText('HTTP method, for tools of an OpenAPI document.', 'GET'),
    path: optionalText('Path template, for tools of an OpenAPI document.', '/deals'),
    inputSchema: JsonSchema.meta({
      description: 'What the tool takes. For OpenAPI tools the arguments are grouped as path, query, header and body.',
      examples: [
        { type: 'object', properties: { query: { type: 'object', properties: { accountId: { type: 'string' } } } } },
      ],
    }),
    enabled: flag('Whether runs may see and call it.', true),
    effect: Effect,
    proposedEffect: Effect.optional().meta({
      description:
        'Set when its name and words say another effect than `effect`, which counts until its owner says one by `effects` of PUT /v1/integrations/{customerIntegrationId}/tools. read: a POST that only queries. write: a tool that counted as a read before its words were read.',
      examples: ['read'],
    }),
    needsReview: optionalFlag(
      'Set when it is new or changed since its integration was refreshed: it is disabled until chosen. Set, too, when `proposedEffect` is write: it stays as it is until its owner says its effect.',
      true,
    ),
    change: optionalOneOf(['new', 'changed', 'removed'], 'What the refresh found.', 'changed'),
  })
  .meta({ id: 'Tool', description: 'One operation of an integration.' });
export type Tool = z.infer<typeof Tool>;

/** A tool as it stands in a list that may be long. */
export const ListedTool = Tool.partial({ description: true, inputSchema: true })
  .extend({
    leftOut: z
      .object({ path: z.string() })
      .optional()
      .meta({
        description:
          'Set when description, path and inputSchema did not fit: the path of the list that begins with this tool, where it is complete.',
        examples: [{ path: '/v1/integrations/crm_1a2b3c4d/tools?after=crm_1a2b3c4d.listAccounts' }],
      }),
  })
  .meta({ id: 'ListedTool', description: 'One operation of an integration, in a list.' });
export type ListedTool = z.infer<typeof ListedTool>;

export const RequestLine = z
  .object({
    method: text('The HTTP method.', 'POST'),
    host: text('The host.', 'crm.example.com'),
    path: text('The path, with the names of its parameters.', '/deals/{dealId}'),
  })
  .meta({
    id: 'RequestLine',
    description: 'The HTTP request of a call; absent where the tool is none of an OpenAPI document.',
  });
export type RequestLine = z.infer<typeof RequestLine>;

/** A tool as planners and the executor know it: what callers see, plus what is needed to choose and call it. */
export type ToolSpec = Tool & {
  customerIntegrationId: z.infer<typeof CustomerIntegrationId>;
  /** Name of the integration, for search and for people. */
  integrationName: string;
  operation: string;
  /** Short title of the operation (an OpenAPI summary), when there is one. */
  title?: string;
  /** JSON Schema of what a successful call returns, when it is known. */
  outputSchema?: JsonSchema;
  /**
   * Changes when anything of it does that a planner or a person relied on, and with each registration of its integration:
   * whatever was planned, approved or allowed holds for one fingerprint.
   */
  fingerprint: string;
  /** Whether calling it twice with the same arguments does no more than calling it once. */
  idempotent: boolean;
  /** How the call is built from the arguments; opaque to all but the integrations room. */
  call: unknown;
};

/** Keywords of a schema that say more than the bare type. */
const TELLING = [
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

/** Whether it is known what a successful call returns: no schema, an empty one, and a bare object or list say nothing. */
export function describesOutput({ outputSchema = {} }: Pick<ToolSpec, 'outputSchema'>): boolean {
  const { type } = outputSchema;
  if (typeof type === 'string' && type !== 'object' && type !== 'array') return true;
  return TELLING.some((keyword) => ['object', 'string'].includes(typeof outputSchema[keyword]));
}

/**
 * A tool as a document describes it, before it is stored. `statedEffect`: its effect by its method or its server, where `effect` follows
 * its words. The fingerprint covers it, so that a newer list of words changes no tool.
 */
export type DescribedTool = Omit<ToolSpec, 'fingerprint'> & { statedEffect?: Effect };

/** Whether a tool is gone, or is another one than it was when its fingerprint was noted. */
export const hasChanged = (fingerprint: string, now: Pick<ToolSpec, 'fingerprint'> | undefined): boolean =>
  now?.fingerprint !== fingerprint;
