import { query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes, selectionCodes } from '../base/error.ts';
import { defaultLimit, doc, inputText, optionalText, text } from '../base/fields.ts';
import { CustomerIntegrationId, Effect, ToolName } from '../base/scalars.ts';

const SearchToolsInput = z.strictObject({
  q: inputText(1000, 'What the tools are for, in words of the intent or of the service.', 'open deals'),
  customerIntegrationIds: z
    .array(CustomerIntegrationId)
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'The integrations to search. Default: all active ones.' }),
  limit: defaultLimit(20, 50, 'Maximum number of tools to return.'),
});

export const FoundTool = z
  .object({
    tool: ToolName,
    integrationName: text('Name of its integration.', 'CRM'),
    title: optionalText('Short title of the operation, when its document has one.', 'List deals'),
    description: text('The first 1,000 characters of its description.', 'List deals'),
    effect: Effect,
    score: z.number().meta(doc('Relevance, relative to the other tools of the answer.', 4.2)),
  })
  .meta({ id: 'FoundTool', description: 'A tool that a search found.' });
export type FoundTool = z.infer<typeof FoundTool>;

const FoundTools = z
  .object({ tools: z.array(FoundTool).meta({ description: 'The tools, best first.' }) })
  .meta({ id: 'FoundTools', description: 'The best tools of a search.' });

/** Finding tools over all integrations. */
export const tools = withTag('Integrations', {
  search: query({
    input: SearchToolsInput,
    output: FoundTools,
    scope: 'runs:read',
    errors: codes(...selectionCodes),
    http: {
      route: 'GET /v1/tools/search',
      summary: 'Search tools',
      success: 'The tools, best first.',
      description:
        'Finds enabled tools by words, in all active integrations or in `customerIntegrationIds`. The search covers name, title, description and path of each tool, its input and output fields, and the name of its integration. Planners search in the same way. Results include tools that find ids for other tools. A search has no pages: `limit` sets how many of the best tools it returns, and other words find others.',
    },
  }),
});
