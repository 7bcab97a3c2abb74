// The choice of the tools that runs may call.
import { z } from 'zod';
import { CustomerIntegrationId, Effect } from '../base/scalars.ts';

/** Groups of tools by their effect. */
const ToolGroup = z.enum(['all', 'reads', 'none']);

export const Enable = z
  .union([ToolGroup, z.array(z.string().min(1).max(200)).max(2000)], {
    error: 'Must be all, reads, none or a list of at most 2,000 operations.',
  })
  .meta({
    description:
      'The tools to enable at first: all; reads (those with the effect read); none; or a list of operations, which are the parts of tool names after the dot. Runs can neither see nor call the others. Change them later by PUT /v1/integrations/{customerIntegrationId}/tools.',
    examples: ['all', ['listDeals', 'createDeal']],
  });
export type Enable = z.infer<typeof Enable>;

/** The same for a new integration, which may be of the catalogue. */
export const EnableAtFirst = z
  .union([ToolGroup.or(z.literal('recommended')), Enable.options[1]], {
    error: 'Must be all, reads, none, recommended or a list of at most 2,000 operations.',
  })
  .meta({
    description:
      'The tools to enable at first: all; reads (those with the effect read); none; a list of operations, which are the parts of tool names after the dot; or, with catalog, recommended (those that its entry recommends). Default: recommended with catalog, else reads. Runs can neither see nor call the others. Change them later by PUT /v1/integrations/{customerIntegrationId}/tools.',
    examples: ['all', ['listDeals', 'createDeal']],
  });

/** Effects by operation, where the owner knows better than the document. */
export const operationEffects = z
  .record(z.string().min(1).max(200), Effect)
  .refine((value) => Object.keys(value).length <= 2000, 'At most 2,000 operations.')
  .meta({
    description: 'Effects of operations, where you know better than the document: `read` for a POST that only queries.',
    examples: [{ searchDeals: 'read' }],
  });

export const SetToolsInput = z.strictObject({
  customerIntegrationId: CustomerIntegrationId,
  enabled: z
    .union([ToolGroup, z.array(z.string().min(1).max(200)).max(5000)], {
      error: 'Must be all, reads, none or a list of at most 5,000 operations.',
    })
    .optional()
    .meta({
      description:
        'The tools that runs can see and call: a list of operations, as in `enable`, or of full names of tools; all; reads (those with the effect read); or none. The others are disabled. Absent, with effects: no change. A disabled tool with the proposedEffect write does not belong to reads.',
      examples: [['listDeals', 'createDeal'], ['crm_1a2b3c4d.listDeals'], 'all'],
    }),
  effects: z
    .record(z.string().min(1).max(200), Effect)
    .refine((effects) => Object.keys(effects).length <= 5000, 'At most 5,000 tools.')
    .optional()
    .meta({
      description:
        'Effects of tools by their names, where you know better than their service. An effect is valid until the tool changes, and resolves its proposedEffect. `enabled: reads` uses it.',
      examples: [{ 'notes_1a2b3c4d.search': 'read' }],
    }),
});
export type SetToolsInput = z.output<typeof SetToolsInput>;
