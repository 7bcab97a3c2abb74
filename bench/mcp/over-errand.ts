// Runs a scenario of the suite's server as a product would: register the server, declare a tool a read, call it by a run, and answer as the
// user, all over the API.
import type { Run } from '@errand/contracts';
import { createHttp } from '../http.ts';
import { roundRobin } from './round-robin.ts';

/** A service that may call one address of this machine. */
export type Errand = { url: string; apiKey: string; port: number };

const PAUSE_MS = 50;
const WAIT_MS = 30_000;

/**
 * Calls each tool of a server by a run, and accepts each question with empty input.
 * @throws Error when a run does not succeed
 */
export async function callOverErrand({ url, apiKey, port }: Errand, server: URL): Promise<void> {
  const relay = await roundRobin({}, port);
  relay.to([server.origin]);
  const http = createHttp(url, apiKey, 2);
  const send = async <Answer>(method: string, path: string, body?: object) =>
    JSON.parse(await http.send(method, path, body)) as Answer;
  try {
    const service = { name: 'Suite', kind: 'mcp', url: new URL(server.pathname, relay.url).href };
    const { customerIntegrationId: id } = await send<{ customerIntegrationId: string }>(
      'POST',
      '/v1/integrations',
      service,
    );
    const path = `/v1/integrations/${id}/tools`;
    const listed = await send<{ tools: { name: string }[] }>('GET', path);
    const tools = listed.tools.map(({ name }) => name);
    await send('PUT', path, { enabled: tools, effects: Object.fromEntries(tools.map((name) => [name, 'read'])) });
    for (const tool of tools) {
      const plan = { goal: 'Call one tool', steps: [{ id: 'only', tool }] };
      const run = { intent: 'Call it', selectedCustomerIntegrationIds: [id], userId: 'ada', plan };
      const { runId } = await send<{ runId: string }>('POST', '/v1/runs', run);
      const state = () => send<Run>('GET', `/v1/runs/${runId}`);
      const [waits] = (await once(state, ({ status }) => status === 'PAUSED')).waitingOn;
      await send('POST', `/v1/inputs/${waits?.requestId}`, { action: 'accept', content: {} });
      await once(state, ({ status }) => status === 'SUCCESS');
    }
  } finally {
    http.close();
    relay.close();
  }
}

async function once(state: () => Promise<Run>, is: (run: Run) => boolean): Promise<Run> {
  const until = Date.now() + WAIT_MS;
  for (;;) {
    const run = await state();
    if (is(run)) return run;
    if (Date.now() > until || run.status === 'FAILED') throw new Error(`The run is ${JSON.stringify(run)}.`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
