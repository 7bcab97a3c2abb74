import { z } from 'zod';
import { CustomerIntegrationId } from '../base/ids.ts';
import { Effect } from '../base/tool-name.ts';

/** Tools by what they do, for a choice without names. */
const ToolGroup = z.enum(['all', 'reads', 'none']);

export const Enable = z
  .union([ToolGroup, z.array(z.string().min(1).max(200)).max(2000)], {
    error: 'Must be all, reads, none or a list of at most 2,000 operations.',
  })
  .meta({
    description:
      'Which of its tools are enabled at first: all; reads, those whose effect is read; none; or a list of operations, which are the names after the dot of a tool. Runs neither see nor call the others. Later: PUT /v1/integrations/{customerIntegrationId}/tools.',
    examples: ['all', ['listDeals', 'createDeal']],
  });
export type Enable = z.infer<typeof Enable>;

export const SetToolsInput = z.strictObject({
  customerIntegrationId: CustomerIntegrationId,
  enabled: z
    .union([ToolGroup, z.array(z.string().min(1).max(200)).max(5000)], {
      error: 'Must be all, reads, none or a list of at most 5,000 names of tools.',
    })
    .optional()
    .meta({
      description:
        'The tools that runs may see and call, by their names; or all; or reads, those whose effect is read; or none. The others are disabled. Absent, with effects: the same tools as before. A tool that is disabled and has the proposedEffect write is none of the reads.',
      examples: [['crm_1a2b3c4d.listDeals'], 'all'],
    }),
  effects: z
    .record(z.string().min(1).max(200), Effect)
    .refine((effects) => Object.keys(effects).length <= 5000, 'At most 5,000 tools.')
    .optional()
    .meta({
      description:
        'What single tools do, by their names, where you know better than their service: it holds until the tool changes, and answers its proposedEffect. `enabled: reads` goes by it.',
      examples: [{ 'notes_1a2b3c4d.search': 'read' }],
    }),
});
export type SetToolsInput = z.output<typeof SetToolsInput>;
