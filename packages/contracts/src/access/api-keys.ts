import { mutation, query } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../codes.ts';
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
      description: 'Those of the workspace, the newest first.',
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
      description: 'The answer holds the key, this once.',
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
        'It is refused at once by the process that answers, and within 30 seconds by all; its open streams end within a minute. Again: no change.',
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
        'Makes a key of the same principal, name and scopes. The old one expires after the overlap. A key that was to expire is followed by one that lives as long as it was to live.',
      headers,
    },
  }),
};
