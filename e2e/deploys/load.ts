// Callers without a second attempt: each creates a run with two writes, follows its stream to the end, and begins again.
import { setTimeout as sleep } from 'node:timers/promises';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { onTestFinished } from 'vitest';
import { json, startStub } from '../fixtures/stub.ts';

/** How long the third party takes for a write, in ms, so that calls are under way when a process stops. */
const WRITE_MS = { min: 20, max: 250 };
/** A client waits this long before it resumes a stream that says nothing else, in ms. */
const RETRY_MS = 200;

/** The third party: counts the writes by their name. */
export async function startThirdParty() {
  const writes = new Map<string, number>();
  const requestBody = {
    required: true,
    content: {
      'application/json': {
        schema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
      },
    },
  };
  const stub = await startStub({
    write: {
      method: 'POST',
      more: { requestBody },
      answer: async (response, { body }) => {
        const { name } = JSON.parse(body) as { name: string };
        writes.set(name, (writes.get(name) ?? 0) + 1);
        await sleep(WRITE_MS.min + Math.random() * (WRITE_MS.max - WRITE_MS.min));
        json(response, { written: name });
      },
    },
  });
  onTestFinished(() => stub.close());
  return { origin: stub.origin, document: stub.document, writes };
}

type Service = { url: string; apiKey: string };

const headersOf = ({ apiKey }: Service) => ({ 'x-api-key': apiKey, 'content-type': 'application/json' });

/** Registers the third party. @returns its customerIntegrationId */
export async function register(service: Service, document: string): Promise<string> {
  const answer = await fetch(`${service.url}/v1/integrations`, {
    method: 'POST',
    headers: headersOf(service),
    body: JSON.stringify({
      name: 'Stub',
      kind: 'openapi',
      document,
      auth: { type: 'API_TOKEN', token: 'token' },
      enable: 'all',
    }),
  });
  if (answer.status !== 201) throw new Error(`The third party was not registered: ${await answer.text()}`);
  return ((await answer.json()) as { customerIntegrationId: string }).customerIntegrationId;
}

/** What the callers saw. */
export type Seen = {
  /** Runs that were followed to their end. */
  runs: number;
  creates: number;
  /** Streams that were opened, with the resumed ones. */
  streams: number;
  resumed: number;
  /** Streams that ended because the connection broke. */
  cut: number;
  /** Requests that failed. */
  failures: string[];
  /** Runs whose events were not 1, 2, 3 … */
  gaps: string[];
  /** Runs that ended otherwise than with SUCCESS. */
  unsuccessful: string[];
};

/** Callers that work until they are stopped; each finishes its run. */
export class Load {
  readonly seen: Seen = {
    runs: 0,
    creates: 0,
    streams: 0,
    resumed: 0,
    cut: 0,
    failures: [],
    gaps: [],
    unsuccessful: [],
  };
  /** The names of the writes of all runs. */
  readonly names: string[] = [];
  #isStopping = false;
  readonly #callers: Promise<void>[];

  constructor(
    private readonly service: Service,
    private readonly integrationId: string,
    count: number,
  ) {
    this.#callers = Array.from({ length: count }, (_, n) => this.#call(n));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#callers);
  }

  async #call(caller: number): Promise<void> {
    for (let n = 0; !this.#isStopping; n++) {
      const runId = await this.#create(`${caller}-${n}`);
      if (runId === undefined) await sleep(RETRY_MS);
      else await this.#follow(runId);
    }
  }

  async #create(name: string): Promise<string | undefined> {
    const { integrationId, seen } = this;
    const names = [`${name}-a`, `${name}-b`];
    const steps = names.map((write, n) => ({
      id: `s${n}`,
      tool: `${integrationId}.write`,
      args: { body: { name: write } },
      ...(n > 0 && { dependsOn: ['s0'] }),
    }));
    const body = {
      intent: 'Write twice',
      selectedCustomerIntegrationIds: [integrationId],
      userId: 'user-123',
      plan: { goal: 'Write twice', steps },
    };
    seen.creates++;
    const answer = await this.#request('/v1/runs', { method: 'POST', body: JSON.stringify(body) });
    if (!answer?.ok) return undefined;
    this.names.push(...names);
    return ((await answer.json()) as { runId: string }).runId;
  }

  async #follow(runId: string): Promise<void> {
    const { seen } = this;
    let last = 0;
    for (;;) {
      let retryMs = RETRY_MS;
      const parser = createParser({
        onEvent: ({ id, event, data }: EventSourceMessage) => {
          if (!id) return;
          if (Number(id) !== last + 1) seen.gaps.push(`${runId}: ${id} after ${last}`);
          last = Number(id);
          if (event !== 'end') return;
          seen.runs++;
          const { runStatus } = JSON.parse(data) as { runStatus?: string };
          if (runStatus !== 'SUCCESS') seen.unsuccessful.push(`${runId}: ${data.slice(0, 500)}`);
          retryMs = 0;
        },
        onRetry: (ms) => {
          retryMs = ms;
        },
      });
      seen.streams++;
      if (last > 0) seen.resumed++;
      const answer = await this.#request(`/v1/runs/${runId}/sse?progress=false`, {
        headers: last > 0 ? { 'last-event-id': String(last) } : {},
      });
      if (answer?.ok && answer.body) await this.#read(answer.body, (text) => parser.feed(text));
      if (retryMs === 0) return;
      await sleep(retryMs);
    }
  }

  async #read(body: ReadableStream<Uint8Array>, feed: (text: string) => void): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of body) feed(decoder.decode(chunk, { stream: true }));
    } catch {
      this.seen.cut++;
    }
  }

  async #request(path: string, init: RequestInit): Promise<Response | undefined> {
    const { service, seen } = this;
    const what = `${new Date().toISOString()} ${init.method ?? 'GET'} ${path.replace(/[0-9a-f-]{36}/, '…')}`;
    try {
      const answer = await fetch(service.url + path, { ...init, headers: { ...headersOf(service), ...init.headers } });
      if (!answer.ok) seen.failures.push(`${what}: ${answer.status} ${(await answer.text()).slice(0, 300)}`);
      return answer;
    } catch (error) {
      seen.failures.push(`${what}: ${(error as Error).message} ${String((error as Error).cause)}`);
      return undefined;
    }
  }
}
