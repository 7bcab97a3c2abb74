// A client as written for the original Run API. To use Errand it only needs another base URL and key.
import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { z } from 'zod';
import {
  AuthUrl,
  CreatedRun,
  type EventName,
  events,
  Feedback,
  Integrations,
  IntegrationUser,
  type OriginalEvent,
  Plan,
  Run,
  RunPage,
  type Status,
} from './reference.ts';

export type CreateRun = {
  intent: string;
  selectedCustomerIntegrationIds: string[];
  context: string;
  userId: string;
  approvalStrategy?: 'NONE' | 'ON_START' | 'ON_TOOL_CALL';
  repeatKey?: string;
  outputSchema?: object;
  passThrough?: { customerIntegrationId: string; headers: Record<string, string> }[];
};

export type RunFilter = {
  includeEvents?: boolean;
  userId?: string;
  status?: Status;
  customerIntegrationIds?: string[];
  page?: number;
  pageSize?: number;
};

/** The service's answer in place of the expected one. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    body: string,
  ) {
    super(`${status}: ${body}`);
  }
}

type Query = Record<string, string | number | boolean | string[] | undefined>;

export class OriginalClient {
  readonly #baseUrl: string;
  readonly #apiKey: string | undefined;

  constructor(baseUrl: string, apiKey: string | undefined) {
    this.#baseUrl = baseUrl;
    this.#apiKey = apiKey;
  }

  createRun = async (body: CreateRun) => CreatedRun.parse(await this.send('POST', '/v1/runs', body, 201));
  run = async (runId: string, query: { includeEvents?: boolean; includeToolCalls?: boolean } = {}) =>
    Run.parse(await this.send('GET', `/v1/runs/${runId}${text(query)}`));
  runs = async (filter: RunFilter = {}) => RunPage.parse(await this.send('GET', `/v1/runs${text(filter)}`));
  cancel = async (runId: string) => Run.parse(await this.send('DELETE', `/v1/runs/${runId}`));
  plan = async (id: string) => Plan.parse(await this.send('GET', `/v1/execution-plans/${id}`));
  integrations = async (query: { active?: boolean } = {}) =>
    Integrations.parse(await this.send('GET', `/v1/integrations${text(query)}`));
  integrationUser = async (id: string, userId: string) =>
    IntegrationUser.parse(await this.send('GET', `/v1/integrations/${id}/users/${userId}`));
  authUrl = async (id: string, userId: string, body?: { redirectUri: string }) =>
    AuthUrl.parse(await this.send('POST', `/v1/integrations/${id}/users/${userId}/auth-url`, body));
  feedback = async (runId: string) => Feedback.nullable().parse(await this.send('GET', `/v1/feedback/run/${runId}`));
  rate = async (runId: string, body: object) =>
    Feedback.parse(await this.send('PUT', `/v1/feedback/run/${runId}`, body));

  /** Sends a request. @returns its answer @throws Refusal */
  async send(method: string, path: string, body?: object, status = 200): Promise<unknown> {
    const response = await fetch(`${this.#baseUrl}${path}`, {
      method,
      // Like many clients, it sends the JSON content type with and without a body.
      headers: { ...this.#key, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = await response.text();
    if (response.status !== status) throw new Refusal(response.status, answer);
    return answer === '' ? undefined : JSON.parse(answer);
  }

  /** The events of a run until it ends; `keepalive` when there is none for a while. */
  async *follow(
    runId: string,
    { includeToolCalls }: { includeToolCalls?: boolean } = {},
  ): AsyncGenerator<OriginalEvent | { name: 'keepalive' }> {
    const response = await fetch(`${this.#baseUrl}/v1/runs/${runId}/sse${text({ includeToolCalls })}`, {
      headers: { ...this.#key, accept: 'text/event-stream' },
    });
    if (!response.ok || !response.body) throw new Refusal(response.status, await response.text());
    const messages = response.body
      .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
      .pipeThrough(new EventSourceParserStream());
    for await (const { id, event, data } of messages) {
      if (event === 'keepalive') {
        yield { name: 'keepalive' };
        continue;
      }
      // An EventSource has no listener for it, and it changes no id.
      if (event === 'progress' && id === undefined) continue;
      const schema: z.ZodType | undefined = events[event as EventName];
      if (!schema) throw new Error(`The original has no event ${event}.`);
      yield { name: event, ...(schema.parse(JSON.parse(data)) as object) } as OriginalEvent;
      if (event === 'end') return;
    }
  }

  /** Follows a link of an event like a program with the key: that decides. */
  async decide(url: string): Promise<void> {
    const response = await fetch(url, { headers: this.#key });
    if (!response.ok) throw new Refusal(response.status, await response.text());
  }

  get #key(): Record<string, string> {
    return this.#apiKey === undefined ? {} : { 'x-api-key': this.#apiKey };
  }
}

/** A query string; an array is a parameter for each of its items. */
function text(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const item of Array.isArray(value) ? value : value === undefined ? [] : [value])
      search.append(name, String(item));
  }
  return search.size === 0 ? '' : `?${search}`;
}
