// The inspection of a service before it is registered.
import { mutation } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes, importCodes } from '../base/error.ts';
import { count, doc, flag, oneOf, optionalText, optionalTime, text } from '../base/fields.ts';
import { Effect, uuid } from '../base/scalars.ts';
import { Auth, AuthType } from './auth/auth.ts';
import { CreateIntegrationInput } from './integration.ts';
import { PickOperations } from './settings/request-settings.ts';

export const InspectionId = uuid(
  'InspectionId',
  'Id of an inspection, for `inspectionId` of POST /v1/integrations.',
  '0192f0c1-7a70-7a18-9d02-4c1b8e7d2207',
);

const { kind, document, url, pick, baseUrl, trustHints } = CreateIntegrationInput.shape;
const InspectIntegrationInput = z
  .strictObject({
    kind,
    document,
    url,
    pick,
    baseUrl,
    auth: Auth.optional().meta({ description: 'For an MCP server that requires a token to list its tools.' }),
    trustHints,
  })
  .meta({ id: 'InspectIntegration', description: 'A service to inspect.' });

const jsonText = z
  .string()
  .max(16_384)
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue('It must be JSON, such as {"tags": ["issues"]}.');
      return z.NEVER;
    }
  });

/** The query of an upload. */
export const UploadQuery = z.strictObject({
  name: CreateIntegrationInput.shape.name.optional(),
  baseUrl,
  pick: jsonText.pipe(PickOperations).optional(),
});

const InspectedOperation = z
  .object({
    operation: text('Its name: the part of a tool name after the dot.', 'listDeals'),
    title: optionalText('Short title, if its service has one.', 'List deals'),
    method: optionalText('HTTP method, for operations of an OpenAPI document.', 'GET'),
    path: optionalText('Path template, for operations of an OpenAPI document.', '/deals'),
    effect: Effect,
  })
  .meta({ id: 'InspectedOperation', description: 'An operation of an inspected service.' });

export const Inspection = z
  .object({
    inspectionId: InspectionId.optional().meta({
      description:
        'Send it to POST /v1/integrations to register exactly the inspected document. Absent for an MCP server, which is read again.',
    }),
    expiresAt: optionalTime('Until then `inspectionId` can be used: ten minutes.', '2026-01-31T09:40:00.000Z'),
    name: text('The title of the service.', 'Harbor CRM API'),
    description: optionalText('The description in its document, at most 2,000 characters.', 'Deals and accounts.'),
    host: text('Its host.', 'crm.example.com'),
    baseUrl: text('Where its operations are called.', 'https://crm.example.com/v1'),
    auth: z
      .object({
        type: AuthType,
        in: oneOf(['header', 'query'], 'Where a token is sent.', 'header').optional(),
        name: optionalText('Name of the header or parameter.', 'Authorization'),
        prefix: optionalText('Text before the token.', 'Bearer '),
        authorizationUrl: optionalText('Authorization endpoint in its document.', 'https://auth.example.com/authorize'),
        tokenUrl: optionalText('Token endpoint in its document.', 'https://auth.example.com/token'),
        scopes: z
          .array(z.string())
          .optional()
          .meta(doc('The scopes that its operations require, at most 200.', ['deals.read'])),
      })
      .meta({
        id: 'InspectedAuth',
        description:
          'The authentication that it describes. API_TOKEN or BASIC is the default of a registration if operations require it. NONE: it describes none that Errand supports.',
      }),
    operations: z.array(InspectedOperation).meta({ description: 'Its operations, at most 2,000.' }),
    operationCount: count('Number of its operations.', 24),
    hasMore: flag('Whether it has more operations than `operations` lists.', false),
    warnings: z.array(z.string()).meta(doc('Parts of its document that could not be used unchanged, at most 100.', [])),
  })
  .meta({
    id: 'Inspection',
    description: 'A service as its document or its MCP server describes it. Nothing is registered.',
  });
export type Inspection = z.infer<typeof Inspection>;

export const inspections = {
  inspect: mutation({
    input: InspectIntegrationInput,
    output: Inspection,
    scope: 'connections:write',
    errors: codes(...importCodes),
    http: {
      route: 'POST /v1/integrations/inspect',
      summary: 'Inspect a service',
      success: 'The service with its operations.',
      description:
        'Reads an OpenAPI document or the tools of an MCP server, with the limits of POST /v1/integrations, and registers nothing. The document, or the picked part of it, is stored for ten minutes, for the caller alone. A document of up to 40 MiB can be the body of POST /v1/integrations/inspect/upload. A workspace has at most three stored documents: the next one replaces the oldest.',
      bodyLimit: 6 * 1024 * 1024,
    },
  }),
};
