import { mutation, query } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import { ApiKey, ApiKeyRef, CreateApiKeyInput, CreatedApiKey, ListApiKeysInput, RotateApiKeyInput } from './api-key.ts';

const headers = { 'Idempotency-Key': 'idempotencyKey' };

export const apiKeys = {
  list: query({
    input: ListApiKeysInput,
    output: z.array(ApiKey),
    scope: 'admin',
    errors: codes('validation_failed'),
    http: {
      method: 'GET',
      path: '/v1/api-keys',
      tag: 'API keys',
      summary: 'List API keys',
      success: 'The API keys, without the keys themselves.',
      description: 'The API keys of the workspace, newest first.',
    },
  }),
  create: mutation({
    input: CreateApiKeyInput,
    output: CreatedApiKey,
    scope: 'admin',
    errors: codes('validation_failed', 'not_supported'),
    http: {
      method: 'POST',
      path: '/v1/api-keys',
      status: 201,
      tag: 'API keys',
      summary: 'Make an API key',
      success: 'The API key. It is shown this once.',
      description: 'Only this answer contains the key.',
      headers,
    },
  }),
  revoke: mutation({
    input: ApiKeyRef,
    output: z.null(),
    scope: 'admin',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'DELETE',
      path: '/v1/api-keys/{apiKeyId}',
      status: 204,
      tag: 'API keys',
      summary: 'Revoke an API key',
      success: 'The API key is revoked; there is no body.',
      description:
        'The process that answers refuses the key at once, all processes within 30 seconds. Its open streams end within a minute. A second request changes nothing.',
    },
  }),
  rotate: mutation({
    input: RotateApiKeyInput,
    output: CreatedApiKey,
    scope: 'admin',
    errors: codes('validation_failed', 'not_found', 'api_key_ended', 'not_supported'),
    http: {
      method: 'POST',
      path: '/v1/api-keys/{apiKeyId}/rotate',
      status: 201,
      tag: 'API keys',
      summary: 'Rotate an API key',
      success: 'The new API key. It is shown this once.',
      description:
        'Creates a key with the same principal, name and scopes. The old one expires after the overlap. If the old key has an expiry, the new one gets the same lifetime.',
      headers,
    },
  }),
};
