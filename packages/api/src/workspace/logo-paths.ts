import { logoTypes } from '@errand/contracts';
import type { DocumentOptions } from '@errand/trpc-openapi';

const pathText = (name: string, description: string, example: string) => ({
  in: 'path' as const,
  name,
  required: true,
  description,
  schema: { type: 'string' as const, examples: [example] },
});

const images = Object.fromEntries(logoTypes.map((type) => [type, {}]));
const hash = pathText('hash', 'The first 32 digits of the SHA-256 of the logo.', '9f86d081884c7d659a2feaa0c55ad015');
const workspaceId = pathText('workspaceId', 'The workspace.', '0192f0c1-7a42-7b15-9d22-3e7f9fac1d05');

/** The addresses of logos, for the document: their answers are images, so they are no operations of the contract. */
export const logoPaths: NonNullable<DocumentOptions['paths']> = (refusals) => ({
  '/v1/brand/{workspaceId}/{hash}': {
    get: {
      tags: ['Instance'],
      operationId: 'workspaceShowLogo',
      summary: 'Show the logo of a workspace',
      description: 'The address is `logo.url` of the brand. It needs no API key, and always has the same image.',
      security: [],
      parameters: [workspaceId, hash],
      responses: {
        '200': { description: 'The image.', content: images },
        ...refusals('not_found', 'rate_limited', 'unavailable', 'internal'),
      },
    },
  },
  '/v1/logos/{workspaceId}/{hash}': {
    get: {
      tags: ['Integrations'],
      operationId: 'integrationsShowLogo',
      summary: 'Show the logo of an integration',
      description:
        'The path is `logoPath` of the integration. It needs no API key, and always has the same image: the one that was read from the service at its registration or a refresh.',
      security: [],
      parameters: [workspaceId, hash],
      responses: {
        '200': { description: 'The image.', content: images },
        ...refusals('not_found', 'rate_limited', 'unavailable', 'internal'),
      },
    },
  },
});
