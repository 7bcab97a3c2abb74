import { logoTypes } from '@errand/contracts';
import type { DocumentOptions } from '@errand/trpc-openapi';

const pathText = (name: string, description: string, example: string) => ({
  in: 'path' as const,
  name,
  required: true,
  description,
  schema: { type: 'string' as const, examples: [example] },
});

/** The address of logos, for the document: its answer is an image, so it is no operation of the contract. */
export const logoPaths: NonNullable<DocumentOptions['paths']> = (refusals) => ({
  '/v1/brand/{workspaceId}/{hash}': {
    get: {
      tags: ['Instance'],
      operationId: 'workspaceShowLogo',
      summary: 'Show the logo of a workspace',
      description: 'The address is `logo.url` of the brand. It needs no API key, and always has the same image.',
      security: [],
      parameters: [
        pathText('workspaceId', 'The workspace.', '0192f0c1-7a42-7b15-9d22-3e7f9fac1d05'),
        pathText('hash', 'The first 32 digits of the SHA-256 of the logo.', '9f86d081884c7d659a2feaa0c55ad015'),
      ],
      responses: {
        '200': {
          description: 'The image.',
          content: Object.fromEntries(logoTypes.map((type) => [type, {}])),
        },
        ...refusals('not_found', 'rate_limited', 'unavailable', 'internal'),
      },
    },
  },
});
