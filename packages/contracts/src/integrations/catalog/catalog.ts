// The catalogue: services that an owner connects by their name.
import { query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../../base/error.ts';
import {
  count,
  defaultLimit,
  doc,
  inPages,
  nextCursor,
  optionalInputText,
  optionalText,
  signedCursor,
  text,
} from '../../base/fields.ts';
import { Effect } from '../../base/scalars.ts';
import { ClientAuthentication, oauthKnobs, oauthParameters } from '../auth/oauth-settings.ts';
import { fixedArguments, headers, PickOperations, queryParameters } from '../settings/request-settings.ts';
import { Rules } from '../settings/rules.ts';
import { urlTemplate, VARIABLE_NAME, Variable } from '../variables/variables.ts';

const MAX_TEXT = 400;
const MAX_RECOMMENDED = 25;
const shortText = z.string().min(1).max(MAX_TEXT);
const id = z.string().regex(/^[a-z0-9-]{1,60}$/, 'Must be the id of an entry.');

const OpenApiSource = z.strictObject({
  kind: z.literal('openapi'),
  /** Entries of an operator may have http; the guard `catalog` refuses it. */
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional(),
  format: z.enum(['openapi', 'swagger2']).default('openapi'),
  pick: PickOperations.optional(),
  /** A document written for this catalogue, if the vendor publishes none. */
  document: z.record(z.string(), z.unknown()).optional(),
});

const way = {
  title: shortText.optional(),
  /** Where calls of this way go, instead of the base URL of the entry. */
  baseUrl: urlTemplate.optional(),
  scopes: z.record(z.string(), z.array(z.string().max(500)).max(100)).optional(),
};

/** A way to authenticate, without the owner's client and credentials. */
const CatalogAuth = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('OAUTH2'),
    ...way,
    issuer: z.url().optional(),
    authorizationUrl: urlTemplate.optional(),
    tokenUrl: urlTemplate.optional(),
    revocationUrl: urlTemplate.optional(),
    clientAuthentication: z.enum(ClientAuthentication).optional(),
    parameters: oauthParameters.optional(),
    ...oauthKnobs,
  }),
  z.strictObject({
    type: z.literal('CLIENT_CREDENTIALS'),
    ...way,
    tokenUrl: urlTemplate,
    clientAuthentication: z.enum(ClientAuthentication).optional(),
    grantType: shortText.optional(),
    scopeSeparator: oauthKnobs.scopeSeparator,
    tokenRequest: oauthKnobs.tokenRequest,
    placement: oauthKnobs.placement,
    tokenAnswer: oauthKnobs.tokenAnswer,
  }),
  z.strictObject({
    type: z.literal('API_TOKEN'),
    ...way,
    in: z.enum(['header', 'query']),
    name: shortText,
    prefix: z.string().max(100),
    pattern: shortText.optional(),
  }),
  z.strictObject({ type: z.literal('BASIC'), ...way, userTitle: shortText, passwordTitle: shortText }),
  z.strictObject({ type: z.literal('NONE'), ...way }),
]);

const McpSource = z.strictObject({
  kind: z.literal('mcp'),
  url: urlTemplate,
  /** none: the server takes no credential. */
  registration: z.enum(['dynamic', 'client', 'none']),
  /** The ways to authenticate at the server. Default: OAUTH2 as the server describes it, or NONE. */
  auth: z.array(CatalogAuth).min(1).max(6).optional(),
});

/** One service: a JSON file of the catalogue. Every field is a fact with a source, or is named in `unverified`. */
export const CatalogEntry = z.strictObject({
  id,
  /** Changes when a reviewer of an integration should look again: a date. */
  version: z.iso.date(),
  name: shortText,
  category: z.string().regex(/^[a-z-]{1,40}$/),
  words: z.array(shortText).max(20).default([]),
  description: shortText,
  sources: z
    .array(z.discriminatedUnion('kind', [OpenApiSource, McpSource]))
    .min(1)
    .max(50),
  variables: z.record(z.string().regex(VARIABLE_NAME), Variable).default({}),
  baseUrl: urlTemplate.optional(),
  headers: headers.optional(),
  query: queryParameters.optional(),
  arguments: fixedArguments.optional(),
  /** The ways to authenticate at the HTTP service, the recommended one first. */
  auth: z.array(CatalogAuth).max(6).default([]),
  tools: z.strictObject({
    /** The operations of enable recommended. Default: the operations that `sources` pick, or that their own documents have. */
    recommended: z.array(shortText).max(MAX_RECOMMENDED).optional(),
    /** Other names of operations. */
    names: z.record(shortText, z.string().regex(/^[\w-]{1,64}$/)).optional(),
    effects: z.record(shortText, Effect).optional(),
    instructions: z.string().max(2_000).optional(),
  }),
  rules: Rules.optional(),
  source: z.record(shortText, z.array(shortText).min(1)),
  checked: z.iso.date(),
  unverified: z.array(shortText).default([]),
  proven: z
    .strictObject({
      document: shortText,
      date: z.iso.date(),
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .optional(),
    })
    .optional(),
  notes: z.array(shortText).max(20).default([]),
});
export type CatalogEntry = z.infer<typeof CatalogEntry>;
export type CatalogWay = CatalogEntry['auth'][number];

const CatalogVariable = Variable.omit({ value: true, request: true })
  .extend({ name: text('Its name.', 'subdomain') })
  .meta({ id: 'CatalogVariable', description: 'A value that an entry of the catalogue needs.' });

const WayOfService = z
  .object({
    kind: z.enum(['openapi', 'mcp']).meta(doc('The protocol that it belongs to.', 'openapi')),
    type: z
      .enum(['NONE', 'API_TOKEN', 'BASIC', 'OAUTH2', 'CLIENT_CREDENTIALS'])
      .meta(doc('How calls authenticate.', 'OAUTH2')),
    title: optionalText('Its name, for people.', 'Bot token'),
    fields: z.array(z.string()).meta(doc('The fields of `auth` that you send.', ['clientId', 'clientSecret'])),
    scopes: z
      .record(z.string(), z.array(z.string()))
      .optional()
      .meta(doc('Scopes by purpose.', { read: ['channels:read'], write: ['chat:write'] })),
  })
  .meta({ id: 'CatalogAuth', description: 'A way to authenticate.' });

export const CatalogService = z
  .object({
    catalog: text('Its id, for `catalog` of POST /v1/integrations.', 'zendesk'),
    version: text('The date of the entry.', '2026-11-29'),
    name: text('Its name.', 'Zendesk'),
    category: text('Its category.', 'support'),
    description: text('What it does, in a sentence.', 'Tickets and customers of a help desk.'),
    kinds: z
      .array(z.enum(['openapi', 'mcp']))
      .meta(doc('Its protocols. openapi is used unless you send kind mcp.', ['openapi'])),
    auth: z
      .array(WayOfService)
      .meta({ description: 'The ways to authenticate, by protocol, the recommended one first.' }),
    variables: z.array(CatalogVariable).meta({ description: 'The values that it needs.' }),
    recommendedCount: count('Number of tools of enable recommended.', 20),
    checkedAt: text('The date on which its facts were checked.', '2026-11-29'),
  })
  .meta({ id: 'CatalogService', description: 'A service of the catalogue.' });
export type CatalogService = z.infer<typeof CatalogService>;

export const CatalogServiceDetail = CatalogService.extend({
  baseUrl: optionalText('The base URL of its calls.', 'https://{subdomain}.zendesk.com'),
  documents: z
    .array(z.string())
    .meta(doc('The URLs of its documents.', ['https://developer.zendesk.com/zendesk/oas.yaml'])),
  mcpUrl: optionalText('The address of its MCP server.', 'https://mcp.example.com/mcp'),
  recommended: z.array(z.string()).meta(doc('The operations of enable recommended.', ['ListTickets'])),
  rules: Rules.optional(),
  unverified: z.array(z.string()).meta(doc('Facts that rest on third parties alone.', ['limits'])),
  sources: z
    .record(z.string(), z.array(z.string()))
    .meta(doc('The sources of its facts.', { auth: ['its documentation'] })),
  notes: z.array(z.string()).meta(doc('Peculiarities.', ['The host of the document is a placeholder.'])),
}).meta({ id: 'CatalogServiceDetail', description: 'A service of the catalogue, with its facts.' });
export type CatalogServiceDetail = z.infer<typeof CatalogServiceDetail>;

export const CatalogPage = z
  .object({ services: z.array(CatalogService), nextCursor })
  .meta({ id: 'CatalogPage', description: 'A page of the catalogue, best matches first, else by name.' });

/** Services that an owner connects by their name. */
export const catalog = withTag('Catalog', {
  list: query({
    input: inPages(
      z.strictObject({
        search: optionalInputText(200, 'Words of a name, a category or a purpose.', 'tickets'),
        pageSize: defaultLimit(50, 100, 'Services a page.'),
        cursor: signedCursor,
      }),
    ),
    output: CatalogPage,
    scope: 'runs:read',
    errors: codes('invalid_cursor'),
    http: {
      route: 'GET /v1/catalog',
      summary: 'List the catalogue',
      success: 'One page of services.',
      description: 'Services that can be registered by `catalog` of POST /v1/integrations.',
    },
  }),
  get: query({
    input: z.strictObject({ catalog: z.string().min(1).max(60).meta(doc('The id of the service.', 'zendesk')) }),
    output: CatalogServiceDetail,
    scope: 'runs:read',
    errors: codes('not_found'),
    http: {
      route: 'GET /v1/catalog/{catalog}',
      summary: 'Get a service of the catalogue',
      success: 'The service with its facts.',
      description: 'What Errand knows about the service, and the sources of these facts.',
    },
  }),
});
