// API keys: their schemas and the operations `contract.apiKeys`.
import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import {
  doc,
  inputText,
  listInput,
  nextCursor,
  oneOf,
  optionalFlag,
  optionalInputText,
  optionalText,
  optionalTime,
  text,
} from '../base/fields.ts';
import { Timestamp, uuid } from '../base/scalars.ts';
import { ProductName } from './product.ts';
import { scopes } from './scope.ts';

export const ApiKeyId = uuid(
  'ApiKeyId',
  'Id of an API key, not the key itself.',
  '0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04',
);

export const KeyScope = z.enum(scopes).meta({
  id: 'Scope',
  description:
    'A permission of a key. `admin` includes all others except `persons:claim`, and the management of keys. `persons:claim`: name the person for whom the product acts.',
  examples: ['runs:read'],
});

const KeyMaker = z
  .object({
    type: oneOf(
      ['api_key', 'person', 'platform', 'system'],
      'person: who was signed in to the console. platform: a platform key. system: the service itself.',
      'person',
    ),
    id: optionalText(
      'The apiKeyId of the key, or the id of the person or the platform key.',
      '0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04',
    ),
    label: text('Its name, for people.', 'Ada'),
  })
  .meta({ id: 'KeyMaker', description: 'The key, the person or the service that created or rotated the key.' });

const keyFields = {
  apiKeyId: ApiKeyId,
  name: text('Its purpose.', 'billing service'),
  prefix: text('The first characters of the key.', 'er_live_'),
  last4: text('Its last four characters.', 'k3Zq'),
  scopes: z.array(KeyScope).meta(doc('Its scopes.', ['runs:read', 'runs:write'])),
  product: ProductName.optional(),
  createdBy: ApiKeyId.optional().meta(
    doc('The key that created it. Absent if a person or the service did.', '0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04'),
  ),
  madeBy: KeyMaker.optional(),
  createdAt: Timestamp,
  expiresAt: optionalTime('When it expires. Later requests with it are rejected.', '2027-01-31T09:30:00.000Z'),
  revokedAt: optionalTime('When it was revoked.', '2026-01-31T09:30:00.000Z'),
  replacedBy: ApiKeyId.optional().meta(
    doc('The key that a rotation replaced it with.', '0192f0c1-7a51-7a10-9c44-1d0e5f7b2a05'),
  ),
  principalId: z.guid().meta({
    description: 'Its principal: the apiKeyId of the first key. Rotations keep it.',
    examples: ['0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04'],
  }),
  lastUsedAt: optionalTime('When it was last used, to the minute. Absent if never.', '2026-01-31T09:30:00.000Z'),
  lastUsedIp: optionalText('IP address of the client at that time.', '203.0.113.7'),
};

export const ApiKey = z.object(keyFields).meta({ id: 'ApiKey', description: 'An API key, without the key itself.' });
export type ApiKey = z.infer<typeof ApiKey>;

export const CreatedApiKey = z
  .object({
    ...keyFields,
    key: text('The key itself. Only this answer contains it. Store it as a secret.', 'er_live_…'),
  })
  .meta({ id: 'CreatedApiKey', description: 'A new API key.' });

const idempotencyKey = optionalInputText(
  255,
  'Not supported here: to repeat the answer, the service would have to store the key.',
  'key-1',
);

const CreateApiKeyInput = z
  .strictObject({
    name: inputText(100, 'Its purpose.', 'billing service'),
    scopes: z
      .array(KeyScope)
      .min(1)
      .max(scopes.length)
      .meta(
        doc('Its scopes. The calling key must have each of them, or `admin`. `persons:claim` needs `product`.', [
          'runs:read',
        ]),
      ),
    product: ProductName.optional(),
    expiresAt: z.iso
      .datetime()
      .optional()
      .meta(doc('When it expires. Without it the key is valid until it is revoked.', '2027-01-31T09:30:00.000Z')),
    idempotencyKey,
  })
  .meta({ id: 'CreateApiKey', description: 'A key to create.' });

const ListApiKeysInput = listInput('Keys', {
  active: optionalFlag('true: only keys that are valid. false: only keys that are revoked or expired.', true),
});

const ApiKeyPage = z
  .object({ apiKeys: z.array(ApiKey), nextCursor })
  .meta({ id: 'ApiKeyPage', description: 'A page of API keys, newest first.' });

const ApiKeyRef = z.strictObject({ apiKeyId: ApiKeyId });

const RenameApiKeyInput = z.strictObject({
  apiKeyId: ApiKeyId,
  name: inputText(100, 'Its purpose.', 'billing service'),
});

const RotateApiKeyInput = z.strictObject({
  apiKeyId: ApiKeyId,
  overlapSeconds: z
    .int()
    .min(0)
    .max(30 * 86_400)
    .default(86_400)
    .meta(doc('Seconds for which the old key stays valid. Default: a day.', 3600)),
  idempotencyKey,
});

const idempotencyHeader = { 'Idempotency-Key': 'idempotencyKey' };

export const apiKeys = withTag('API keys', {
  list: query({
    input: ListApiKeysInput,
    output: ApiKeyPage,
    scope: 'admin',
    errors: codes('invalid_cursor'),
    http: {
      route: 'GET /v1/api-keys',
      summary: 'List API keys',
      success: 'One page of API keys, without the keys themselves.',
      description: 'The API keys of the workspace, newest first.',
    },
  }),
  create: mutation({
    input: CreateApiKeyInput,
    output: CreatedApiKey,
    scope: 'admin',
    errors: codes('item_limit_reached', 'not_supported'),
    http: {
      route: 'POST /v1/api-keys',
      status: 201,
      summary: 'Create an API key',
      success: 'The API key. Only this answer contains the key.',
      description: 'Only this answer contains the key.',
      headers: idempotencyHeader,
    },
  }),
  rename: mutation({
    input: RenameApiKeyInput,
    output: ApiKey,
    scope: 'admin',
    errors: codes('not_found'),
    http: {
      route: 'PATCH /v1/api-keys/{apiKeyId}',
      summary: 'Rename an API key',
      success: 'The renamed API key.',
      description: 'Changes the name alone. Earlier entries of the audit log keep the earlier name.',
    },
  }),
  revoke: mutation({
    input: ApiKeyRef,
    output: z.null(),
    scope: 'admin',
    errors: codes('not_found'),
    http: {
      route: 'DELETE /v1/api-keys/{apiKeyId}',
      status: 204,
      summary: 'Revoke an API key',
      success: 'The API key is revoked; there is no body.',
      description:
        'The answering process rejects the key immediately, other processes within 30 seconds. Open streams of the key end within a minute. Repeating the request changes nothing.',
    },
  }),
  rotate: mutation({
    input: RotateApiKeyInput,
    output: CreatedApiKey,
    scope: 'admin',
    errors: codes('not_found', 'api_key_ended', 'item_limit_reached', 'not_supported'),
    http: {
      route: 'POST /v1/api-keys/{apiKeyId}/rotate',
      status: 201,
      summary: 'Rotate an API key',
      success: 'The new API key. Only this answer contains the key.',
      description:
        'Creates a key with the same principal, name, product and scopes. The old one expires after the overlap. If the old key has an expiry, the new one gets the same lifetime.',
      headers: idempotencyHeader,
    },
  }),
});
