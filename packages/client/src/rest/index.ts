import createFetchClient, { type Client } from 'openapi-fetch';
import type { paths } from '../generated/schema.ts';
import { credentialHeaders } from '../http/credential.ts';

export type RestClient = Client<paths>;

/**
 * The REST client, typed by the OpenAPI document: `client.GET('/v1/runs/{runId}', { params: { path: { runId } } })`.
 * It answers `{ data, error, response }`; `error` is a problem document.
 * @param options the URL of Errand, and the API key, which is sent as `x-api-key`, or a user token, which is sent as `Authorization: Bearer`
 */
export const createRestClient = ({ url, apiKey }: { url: string; apiKey: string }): RestClient =>
  createFetchClient<paths>({ baseUrl: url.replace(/\/+$/, ''), headers: credentialHeaders(apiKey) });

export type { components, operations, paths } from '../generated/schema.ts';
export { RequestFailed } from './request-failed.ts';
export { type StreamEventsOptions, streamEvents } from './stream-events.ts';
