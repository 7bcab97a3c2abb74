// The schemas of integrations. `integrations.ts` has the operations.
import { z } from 'zod';
import { ApprovalStrategy } from '../base/approval-strategy.ts';
import {
  count,
  defaultFlag,
  doc,
  flag,
  inPages,
  listInput,
  nextCursor,
  oneOf,
  optionalFlag,
  optionalInputText,
  optionalLimit,
  optionalNonEmptyText,
  optionalOneOf,
  optionalText,
  optionalTime,
  signedCursor,
  text,
} from '../base/fields.ts';
import { CustomerIntegrationId, Timestamp, UserId } from '../base/scalars.ts';
import { Auth, AuthSettings, AuthType, CatalogCredentials, OwnerCredential } from './auth/auth.ts';
import { verifyUrl } from './consents.ts';
import { IntegrationUser } from './integration-user.ts';
import { fixedArguments, headers, PickOperations, queryParameters } from './settings/request-settings.ts';
import { Rules } from './settings/rules.ts';
import { ListedTool } from './tool.ts';
import { EnableAtFirst, operationEffects } from './tool-choice.ts';
import { urlTemplate, Variable, Variables } from './variables/variables.ts';

/** An OpenAPI document. The import reads it, not this schema. */
export const Document = z.union([z.string().min(1), z.record(z.string(), z.unknown())]);

const name = z.string().trim().min(1).max(100).meta(doc('Its name, for people and planners.', 'CRM'));
const instructions = z
  .string()
  .max(10_000)
  .meta(doc('Guidance for the planner, for every plan that may use the integration.', 'Amounts are in EUR.'));

const approvalFloor = ApprovalStrategy.meta({
  description:
    'The minimum of approvals before calls of the integration, whatever the approvalStrategy of a run. Applies to running runs from their next call.',
  examples: ['ON_WRITE'],
});

export const CreateIntegrationInput = z
  .strictObject({
    name: name.optional().meta({ description: 'Its name, for people and planners. Required without catalog.' }),
    catalog: optionalNonEmptyText(
      60,
      'The id of a service of GET /v1/catalog, and its facts fill each field that you leave out. Your values have priority.',
      'zendesk',
    ),
    kind: optionalOneOf(
      ['openapi', 'mcp'],
      'openapi: an HTTP service with an OpenAPI document. mcp: an MCP server, by its address; it takes auth NONE, API_TOKEN or OAUTH2. Default: the first one of the service with catalog, else openapi.',
      'openapi',
    ),
    customerIntegrationId: CustomerIntegrationId.optional().meta(
      doc('Its id, unique in the workspace. Default: made from the name.', 'integration-1'),
    ),
    document: Document.optional().meta({
      description:
        'The OpenAPI document itself: an object, or its JSON or YAML text, of OpenAPI 3.0, 3.1 or Swagger 2.0. Send this, url, documents or inspectionId. The request may have 6 MiB. Larger documents: `url` with `pick`, or an upload to POST /v1/integrations/inspect/upload.',
    }),
    url: optionalNonEmptyText(
      2000,
      'The URL of the OpenAPI document, unless document contains it; or the address of an MCP server.',
      'https://crm.example.com/openapi.json',
    ),
    pick: PickOperations.optional(),
    documents: z
      .array(
        z
          .strictObject({
            url: optionalNonEmptyText(2000, 'The URL of the document.', 'https://crm.example.com/openapi.json'),
            document: Document.optional().meta({ description: 'The document itself, instead of url.' }),
            pick: PickOperations.optional(),
          })
          .meta({ id: 'DocumentSource', description: 'One document of a service.' }),
      )
      .min(1)
      .max(50)
      .optional()
      .meta({ description: 'Several documents of the service, instead of document and url.' }),
    inspectionId: z
      .guid()
      .optional()
      .meta({
        description:
          'The inspection whose document is registered, instead of document and url. Only the caller that inspected the service may send it.',
        examples: ['0192f0c1-7a70-7a18-9d02-4c1b8e7d2207'],
      }),
    baseUrl: urlTemplate
      .optional()
      .meta(
        doc(
          'Where calls go, instead of the servers of the document. `{name}` stands for a variable.',
          'https://{shop}.example.com/api',
        ),
      ),
    variables: Variables.optional(),
    headers: headers.optional(),
    query: queryParameters.optional(),
    arguments: fixedArguments.optional(),
    effects: operationEffects.optional(),
    rules: Rules.optional(),
    auth: z
      .union([Auth, CatalogCredentials], { error: 'Must have a type, or with catalog the credentials alone.' })
      .optional()
      .meta({
        description:
          'How to authenticate; with catalog, the credentials suffice. Default: the API_TOKEN or BASIC that operations of the document require, with a credential of each user; OAUTH2 for an MCP server that answers 401 and names its authorization server; otherwise NONE.',
        examples: [
          { type: 'API_TOKEN', token: 'crm_…' },
          { clientId: 'errand', clientSecret: 's3cr3t' },
        ],
      }),
    trustHints: defaultFlag(
      false,
      'For an MCP server: whether to trust its readOnlyHint. Otherwise each of its tools counts as a write.',
      true,
    ),
    enable: EnableAtFirst.optional(),
    instructions: instructions.optional(),
    verifyUrl: verifyUrl.optional().meta({
      description:
        'The page of your product that confirms the users of consents at this integration, instead of that of the workspace. The same rules apply as to PUT /v1/workspace/consents.',
    }),
    approvalFloor: approvalFloor.default('NONE'),
    idempotencyKey: z.string().max(255).optional().meta({ description: 'Not supported yet.' }),
  })
  .meta({ id: 'CreateIntegration', description: 'A service to register.' });
export type CreateIntegrationInput = z.output<typeof CreateIntegrationInput>;

export const PatchIntegrationInput = z
  .strictObject({
    customerIntegrationId: CustomerIntegrationId,
    active: optionalFlag('Whether runs may use it.', false),
    name: name.optional(),
    instructions: instructions.nullable().optional().meta({ description: 'Null removes them.' }),
    verifyUrl: verifyUrl
      .nullable()
      .optional()
      .meta({ description: 'Replaces the page that confirms the users of consents. Null: that of the workspace.' }),
    auth: Auth.optional(),
    credential: OwnerCredential.optional(),
    variables: Variables.nullable().optional().meta({
      description:
        'Replaces the variables. A text sets the value of one and keeps the others. Credentials for another origin are not sent there. Null removes all.',
    }),
    headers: headers
      .nullable()
      .optional()
      .meta({ description: 'Replaces the headers of every call. Null removes them.' }),
    query: queryParameters
      .nullable()
      .optional()
      .meta({ description: 'Replaces the query parameters of every call. Null removes them.' }),
    arguments: fixedArguments.nullable().optional().meta({
      description:
        'Replaces the fixed arguments. A newly hidden argument disappears with the next refresh. Null removes them.',
    }),
    rules: Rules.nullable().optional().meta({ description: 'Replaces the rules for answers. Null removes them.' }),
    approvalFloor: approvalFloor
      .optional()
      .meta(doc('The minimum of approvals. Lowering it requires the scope admin.', 'ON_WRITE')),
    confirmBaseUrl: optionalInputText(
      2000,
      "The integration's pendingBaseUrl, to confirm it. Tools are called there from then on. Credentials for another origin are not sent there: the owner and the users must store them again.",
      'https://api.crm.example.com/v2',
    ),
    confirmIssuer: optionalInputText(
      2000,
      "The integration's pendingIssuer, to confirm it. Users sign in there from then on, and the access that they grant goes to the MCP server. Users who have consented before are asked again.",
      'https://auth.example.com',
    ),
  })
  .meta({ id: 'PatchIntegration', description: 'Changes of an integration.' });

export const IntegrationRef = z.strictObject({ customerIntegrationId: CustomerIntegrationId });

export const ListIntegrationsInput = inPages(
  z.strictObject({
    active: z
      .union([z.boolean(), z.literal('all')])
      .default(true)
      .meta({ description: 'true: active integrations. false: inactive ones. all: both.', examples: [true, 'all'] }),
    userId: UserId.optional().meta({
      description: 'Adds the state of the credential of this user to each integration.',
    }),
    pageSize: optionalLimit(1000, 'Integrations a page. Default: 1,000.', 100),
    cursor: signedCursor,
  }),
);

const IntegrationTest = z
  .object({
    at: Timestamp,
    result: oneOf(['accepted', 'rejected', 'unknown'], 'The result, as that of the trial.', 'accepted'),
    account: optionalText('The account, as the service names it.', 'ada@example.com'),
  })
  .meta({ id: 'IntegrationTest', description: 'The last trial of the credential.' });
export type IntegrationTest = z.infer<typeof IntegrationTest>;

export const CallHealth = z
  .object({
    lastSuccessAt: optionalTime('The last call that succeeded.', '2026-01-31T09:30:00.000Z'),
    lastFailureAt: optionalTime('The last call that failed.', '2026-01-31T09:30:00.000Z'),
    calls: count('Calls since `since`.', 120),
    failures: count(
      'Those that failed: without an answer, with a status from 500, for a limit of the service, or because it refused the credential.',
      3,
    ),
    since: Timestamp.meta({ description: 'The start of the hour before this one.' }),
    lastTest: IntegrationTest.optional(),
    limitedUntil: optionalTime(
      'Calls of at least one user wait until then, because the service limits requests.',
      '2026-01-31T09:30:00.000Z',
    ),
    outageUntil: optionalTime(
      'Calls wait until then, because the last ones failed. Then one call tries whether the service answers.',
      '2026-01-31T09:30:00.000Z',
    ),
  })
  .meta({
    id: 'CallHealth',
    description: 'The health of an integration by its calls. Counts are up to ten seconds late.',
  });
export type CallHealth = z.infer<typeof CallHealth>;

export const Integration = z
  .object({
    integrationId: text(
      'Identifies the service: a slug of the host and the title of its document. Integrations of the same document share it. A refresh does not change it.',
      'crm-example-com-harbor-crm-api',
    ),
    customerIntegrationId: CustomerIntegrationId,
    active: flag('Whether runs may use it.', true),
    name: text('Its name.', 'CRM'),
    catalog: z
      .object({
        id: text('The id of its service in the catalogue.', 'zendesk'),
        version: text('The version of the entry that it uses.', '2026-11-29'),
        newer: optionalText('A newer version. POST …/refresh applies it.', '2027-01-15'),
      })
      .optional()
      .meta({ description: 'Its entry of the catalogue. Absent if it was registered without one.' }),
    kind: oneOf(['openapi', 'mcp'], 'Its protocol.', 'openapi'),
    trustHints: optionalFlag('For an MCP server: whether its hints are trusted.', true),
    description: z.string().optional().meta({ description: 'The description in its document.' }),
    logoUrl: z.string().optional().meta({ description: 'The address of its logo, as its document names it.' }),
    logoPath: optionalText(
      'Where this service shows the logo, without a key. Another logo has another path. Absent if no usable one was found.',
      '/v1/logos/0192f0c1-7a42-7b15-9d22-3e7f9fac1d05/9f86d081884c7d659a2feaa0c55ad015',
    ),
    host: text('Its host.', 'crm.example.com'),
    baseUrl: optionalText(
      'Where its calls go. `{name}` stands for a variable of users. Absent in lists.',
      'https://crm.example.com/v1',
    ),
    variables: z
      .record(z.string(), Variable)
      .optional()
      .meta({ description: 'Its variables, without secret values. Absent in lists.' }),
    headers: headers.optional().meta({ description: 'The headers of every call. Absent in lists.' }),
    query: queryParameters.optional().meta({ description: 'The query parameters of every call. Absent in lists.' }),
    arguments: fixedArguments.optional().meta({ description: 'Its fixed arguments. Absent in lists.' }),
    rules: Rules.optional().meta({ description: 'The rules for its answers. Absent in lists.' }),
    health: CallHealth.optional().meta({
      description: 'Its health by its calls. Absent in lists, and before its first call or trial.',
    }),
    authType: AuthType,
    auth: AuthSettings.optional().meta({
      description: 'The settings of its authentication, without secrets. Absent in lists.',
    }),
    toolsUserId: UserId.optional().meta({
      description:
        'For an MCP server: its tools were last read with the credential of this user. Absent if they were read without a credential, or with that of the workspace.',
      examples: ['user-123'],
    }),
    token: z
      .object({
        last4: text('The last four characters.', 'k3Zq'),
        fingerprint: text('Equal tokens have equal fingerprints.', '9f86d081'),
        needsReconnect: flag('Whether its owner must set it again, with `auth` of PATCH.', false),
        reconnectReason: optionalOneOf(
          ['rejected', 'origin_changed'],
          'The reason. rejected: the service answered 401; the token is still sent. origin_changed: the origin or the authorization server of the integration has changed; the token is not sent.',
          'rejected',
        ),
      })
      .optional()
      .meta({
        description:
          'Identifies the token of the workspace, the client secret or the key, without revealing it. Absent if there is none.',
      }),
    instructions: z.string().optional().meta({ description: 'Guidance for planners.' }),
    verifyUrl: verifyUrl.optional().meta({
      description: 'The page that confirms the users of its consents. Absent: that of the workspace.',
    }),
    approvalFloor,
    needsReview: flag(
      'Whether the owner must review tools, a base URL or an authorization server: a refresh found them, or a tool that counts as a read has the name of a write.',
      false,
    ),
    pendingBaseUrl: optionalText(
      'The base URL in its newer document. Nothing is sent there before you confirm it by confirmBaseUrl.',
      'https://api.crm.example.com/v2',
    ),
    pendingIssuer: optionalText(
      'The authorization server that the MCP server names now: a different one, or a first one of another site. Until you confirm it by confirmIssuer, users sign in at the previous one; if there is none, no user can connect.',
      'https://auth.example.com',
    ),
    toolCount: z.int().meta(doc('Number of tools.', 24)),
    enabledToolCount: z.int().meta(doc('Number of enabled tools. Runs can see and call them.', 9)),
    toolsText: text(
      'The number of enabled tools, and how to enable the others, as text.',
      '9 of 24 tools are on. PUT /v1/integrations/crm_1a2b3c4d/tools turns on others: {"enabled": "all"}, or the names that GET there lists.',
    ),
    effectProposals: z
      .object({
        read: z.int().meta(doc('Number of tools that count as writes but only query.', 4)),
        write: z.int().meta(doc('Number of tools that count as reads but change something.', 0)),
        text: text(
          'The same as text, and how to accept or reject.',
          '4 tools count as writes, but only query by their names and words, such as crm_1a2b3c4d.searchDeals. GET /v1/integrations/crm_1a2b3c4d/tools marks each with proposedEffect. To accept: PUT there {"effects": {"crm_1a2b3c4d.searchDeals": "read"}}.',
        ),
      })
      .optional()
      .meta({ description: 'The tools with a `proposedEffect`, when there are any.' }),
    warnings: z.array(z.string()).meta(doc('Parts of its document that could not be used unchanged.', [])),
    leftOut: z
      .object({ path: z.string() })
      .optional()
      .meta({
        description:
          'Set in a list if description, logoUrl, instructions and warnings did not fit: the path of the complete integration.',
        examples: [{ path: '/v1/integrations/crm_1a2b3c4d' }],
      }),
    user: IntegrationUser.pick({ active: true, needsReconnect: true, reconnectReason: true })
      .optional()
      .meta({
        id: 'IntegrationConsent',
        description:
          'With `userId` of a list: the state of the credential of that user. Absent if the user does not belong to the integration.',
        examples: [{ active: true, needsReconnect: false }],
      }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Integration', description: 'A service that runs may use.' });
export type Integration = z.infer<typeof Integration>;

export const IntegrationPage = z
  .object({ integrations: z.array(Integration), nextCursor })
  .meta({ id: 'IntegrationPage', description: 'A page of integrations, by name.' });

export type IntegrationPage = z.infer<typeof IntegrationPage>;

/** The answer of the original over REST, to a request without `pageSize` and `cursor`. */
export const AllIntegrations = z
  .array(Integration)
  .meta({ id: 'AllIntegrations', description: 'The first 1,000 integrations, by name.' });

export const ListToolsInput = listInput('Tools', IntegrationRef.shape);

export const ToolList = z
  .object({ tools: z.array(ListedTool), nextCursor })
  .meta({ id: 'ToolList', description: 'A page of tools of an integration.' });
export type ToolList = z.infer<typeof ToolList>;
