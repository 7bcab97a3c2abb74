import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes, importCodes } from '../base/error.ts';
import { defaultFlag, doc, inputText, oneOf, optionalOneOf, optionalText } from '../base/fields.ts';
import { CustomerIntegrationId, ToolName, UserId } from '../base/scalars.ts';
import { inspections } from './inspection.ts';
import {
  AllIntegrations,
  CreateIntegrationInput,
  Document,
  Integration,
  IntegrationPage,
  IntegrationRef,
  ListIntegrationsInput,
  ListToolsInput,
  PatchIntegrationInput,
  ToolList,
} from './integration.ts';
import { integrationHealth } from './integration-health.ts';
import { consents, integrationUsers } from './integration-user.ts';
import { ToolChange } from './tool.ts';
import { SetToolsInput } from './tool-choice.ts';

const RefreshIntegrationInput = z
  .strictObject({
    customerIntegrationId: CustomerIntegrationId,
    document: Document.optional().meta({
      description:
        'The newer OpenAPI document: an object, or its JSON or YAML text. Without it the document is read again from its URL.',
    }),
  })
  .meta({ id: 'RefreshIntegration', description: 'The newer document.' });

const ToolRef = z.strictObject({ customerIntegrationId: CustomerIntegrationId, tool: ToolName });

const AcceptToolInput = ToolRef.extend({
  fingerprint: inputText(200, 'The fingerprint of the definition that was reviewed.', '9f86d081'),
  enabled: defaultFlag(true, 'Whether runs may see and call it from now on.', true),
}).meta({ id: 'AcceptTool', description: 'The reviewed definition of a tool.' });

const TryIntegrationInput = z
  .strictObject({
    customerIntegrationId: CustomerIntegrationId,
    userId: UserId.optional().meta({
      description: 'The user whose credential is tried. Default: that of the workspace.',
    }),
    tool: ToolName.optional().meta({
      description: 'The tool to call: an enabled GET without required arguments. Default: the one that suits best.',
      examples: ['crm_1a2b3c4d.listUsers'],
    }),
  })
  .meta({ id: 'TryIntegration', description: 'The credential and the tool to try.' });

const IntegrationTrial = z
  .object({
    result: oneOf(
      ['accepted', 'rejected', 'unknown'],
      'accepted: the service answered with success. rejected: it refused the credential. unknown: any other answer, none, or no call.',
      'accepted',
    ),
    tool: ToolName.optional().meta({ description: 'The tool that was called.', examples: ['crm_1a2b3c4d.listUsers'] }),
    status: z.int().optional().meta(doc('The HTTP status of the answer.', 200)),
    account: optionalText(
      'The account of the credential, as `who` of `rules.test` finds it in the answer; at most 200 characters.',
      'ada@example.com',
    ),
    notTried: optionalOneOf(
      ['no_tool', 'no_credential', 'busy'],
      'Why nothing was called. no_tool: no enabled tool suits, or `tool` does not. no_credential: none is stored, or it is unusable. busy: too many trials are in progress.',
      'no_tool',
    ),
  })
  .meta({ id: 'IntegrationTrial', description: 'The result of a trial.' });

/** Registering integrations, and choosing their tools. */
export const integrations = withTag('Integrations', {
  list: query({
    input: ListIntegrationsInput,
    output: IntegrationPage,
    scope: 'runs:read',
    errors: codes('invalid_cursor'),
    http: {
      route: 'GET /v1/integrations',
      summary: 'List integrations',
      success: 'One page of integrations; without `pageSize` and `cursor` the first 1,000 as an array.',
      description:
        'The integrations of the workspace, by name. Send `pageSize` to get a page. Without `pageSize` and `cursor` the answer over REST is an array of at most 1,000 integrations, as clients of the original API expect; over tRPC it is always a page. An answer has at most 8 MiB (over tRPC the calls of a batch share 4 MiB): `leftOut` names the fields of an integration that did not fit.',
      otherOutput: AllIntegrations,
    },
  }),
  create: mutation({
    input: CreateIntegrationInput,
    output: Integration,
    scope: 'connections:write',
    errors: codes(
      'integration_exists',
      'integration_limit_reached',
      'not_found',
      ...importCodes,
      'oauth_failed',
      'oauth_issuer_mismatch',
      'not_supported',
    ),
    http: {
      route: 'POST /v1/integrations',
      status: 201,
      summary: 'Register an integration',
      success: 'The integration, ready for use.',
      description:
        'Reads the OpenAPI document and makes a tool of each operation. Tools that read are enabled; `enable` selects others. The answer has the number of tools and of enabled ones.',
      bodyLimit: 6 * 1024 * 1024,
      headers: { 'Idempotency-Key': 'idempotencyKey' },
    },
  }),
  ...inspections,
  get: query({
    input: IntegrationRef,
    output: Integration,
    scope: 'runs:read',
    errors: codes('not_found'),
    http: {
      route: 'GET /v1/integrations/{customerIntegrationId}',
      summary: 'Get an integration',
      success: 'The integration.',
      description: 'The integration, without secrets, and the actions that its owner must take.',
    },
  }),
  patch: mutation({
    input: PatchIntegrationInput,
    output: Integration,
    scope: 'connections:write',
    errors: codes(
      'not_found',
      'url_not_allowed',
      'oauth_failed',
      'oauth_issuer_mismatch',
      'mcp_failed',
      'not_supported',
    ),
    http: {
      route: 'PATCH /v1/integrations/{customerIntegrationId}',
      summary: 'Change an integration',
      success: 'The changed integration.',
      description: 'Omitted fields stay unchanged. Running runs use the change from their next call.',
    },
  }),
  delete: mutation({
    input: IntegrationRef,
    output: z.null(),
    scope: 'connections:write',
    errors: codes('not_found'),
    http: {
      route: 'DELETE /v1/integrations/{customerIntegrationId}',
      status: 204,
      summary: 'Delete an integration',
      success: 'The integration is deleted; there is no body.',
      description: 'Also deletes its tools and credentials. Runs that used it keep their events.',
    },
  }),
  tools: query({
    input: ListToolsInput,
    output: ToolList,
    scope: 'runs:read',
    errors: codes('invalid_cursor', 'not_found'),
    http: {
      route: 'GET /v1/integrations/{customerIntegrationId}/tools',
      summary: 'List the tools of an integration',
      success: 'One page of tools.',
      description:
        'Every operation of the service as a tool: its input schema, its effect, and whether runs may use it. An answer has at most 8 MiB (over tRPC the calls of a batch share 4 MiB): the first tools are complete; each tool that does not fit has `leftOut`.',
    },
  }),
  setTools: mutation({
    input: SetToolsInput,
    output: ToolList,
    scope: 'connections:write',
    errors: codes('not_found'),
    http: {
      route: 'PUT /v1/integrations/{customerIntegrationId}/tools',
      summary: 'Choose the tools of an integration',
      success: 'The first 1,000 tools. `nextCursor` leads to the others by GET.',
      description:
        'Sets the allow-list: other tools are hidden from planners and rejected when called. A refresh never adds a tool to the list.',
    },
  }),
  toolChange: query({
    input: ToolRef,
    output: ToolChange,
    scope: 'runs:read',
    errors: codes('not_found'),
    http: {
      route: 'GET /v1/integrations/{customerIntegrationId}/tools/{tool}/change',
      summary: 'Get the change of a tool',
      success: 'The definitions before and after the change.',
      description:
        'The definitions of a tool before and after the change that a refresh found, so that its owner can compare them.',
    },
  }),
  acceptTool: mutation({
    input: AcceptToolInput,
    output: ToolChange,
    scope: 'connections:write',
    errors: codes('not_found', 'tool_version_changed'),
    http: {
      route: 'POST /v1/integrations/{customerIntegrationId}/tools/{tool}/accept',
      summary: 'Accept a tool',
      success: 'The tool, without a change.',
      description:
        'Ends the review of one tool and leaves the others as they are. Refused if the tool has changed since the caller read its `fingerprint`. A removed tool is deleted.',
    },
  }),
  try: mutation({
    input: TryIntegrationInput,
    output: IntegrationTrial,
    scope: 'connections:write',
    errors: codes('not_found', 'connection_inactive'),
    http: {
      route: 'POST /v1/integrations/{customerIntegrationId}/try',
      summary: 'Try an integration',
      success: 'The result of the trial.',
      description:
        'Calls an enabled read without required arguments by the stored credential of a user, otherwise by that of the workspace, for at most 5 seconds. The answer of the service is not returned, and no credential is changed. Recorded in the audit log.',
    },
  }),
  ...integrationHealth,
  ...integrationUsers,
  ...consents,
  refresh: mutation({
    input: RefreshIntegrationInput,
    output: Integration,
    scope: 'connections:write',
    errors: codes('not_found', ...importCodes),
    http: {
      route: 'POST /v1/integrations/{customerIntegrationId}/refresh',
      summary: 'Refresh an integration',
      success: 'The integration with its changed tools and pending confirmations.',
      description:
        'Reads the OpenAPI document again, or uses the document in the request; lists the tools of an MCP server again. New and changed tools are disabled until you enable them by PUT …/tools; runs that call them fail. A new base URL takes effect once you confirm it with `confirmBaseUrl`. The auth stays as registered.',
      bodyLimit: 6 * 1024 * 1024,
    },
  }),
});
