import { Inspection } from '@errand/contracts';
import type { DocumentOptions } from '@errand/trpc-openapi';
import examples from '../../examples.json' with { type: 'json' };

const queryText = (name: string, description: string, example: string) => ({
  in: 'query' as const,
  name,
  description,
  schema: { type: 'string' as const, examples: [example] },
});

const SECURITY: Record<string, string[]>[] = [{ apiKey: [] }, { bearer: [] }];

const REFUSALS = [
  'validation_failed',
  'openapi_invalid',
  'openapi_too_large',
  'url_not_allowed',
  'too_many_imports',
  'unauthenticated',
  'insufficient_scope',
  'workspace_suspended',
  'unsupported_media_type',
  'request_timeout',
  'rate_limited',
  'unavailable',
  'internal',
] as const;

/** The upload of a document, for the document: its body is the bytes of a file, so it is no operation of the contract. */
export const uploadPaths: NonNullable<DocumentOptions['paths']> = (refusals) => ({
  '/v1/integrations/inspect/upload': {
    post: {
      tags: ['Integrations'],
      operationId: 'integrationsInspectUpload',
      summary: 'Inspect an uploaded document',
      description:
        'As POST /v1/integrations/inspect, for an OpenAPI document of at most 40 MiB, which is the body itself. A document of more than 8 MiB requires `pick`.',
      security: SECURITY,
      'x-required-scope': 'connections:write',
      parameters: [
        queryText('name', 'Its name, for people and planners.', 'CRM'),
        queryText('baseUrl', 'Where calls go, instead of the servers of the document.', 'https://crm.example.com/api'),
        queryText(
          'pick',
          'The operations to read, as JSON text: see PickOperations.',
          '{"operations": ["listDeals", "createDeal"]}',
        ),
      ],
      requestBody: {
        required: true,
        content: Object.fromEntries(
          ['application/json', 'application/yaml', 'application/octet-stream'].map((type) => [type, {}]),
        ),
      },
      responses: {
        '200': {
          description: 'The service with its operations.',
          headers: {
            'x-request-id': { $ref: '#/components/headers/RequestId' },
            'ratelimit-policy': { $ref: '#/components/headers/RatelimitPolicy' },
            ratelimit: { $ref: '#/components/headers/Ratelimit' },
          },
          content: {
            'application/json': {
              schema: Inspection,
              examples: { answer: { value: examples['integrations.inspect'] } },
            },
          },
        },
        ...refusals(...REFUSALS),
      },
    },
  },
});
