import type { HttpClient } from './http.ts';

/** Five reads, each of which needs what the one before it found. */
export const fiveReads = (integration: string) => body(integration, chain(integration, 5));

/** Three reads and two writes; a write is recorded before it is sent. */
export const withWrites = (integration: string) => {
  const reads = chain(integration, 3);
  const orders = ['c', 'b'].map((from, n) => ({
    id: `order${n}`,
    tool: `${integration}.createOrder`,
    args: { body: { item: { $: `steps.${from}.output.id` } } },
    ...(n > 0 && { dependsOn: ['order0'] }),
  }));
  return body(integration, [...reads, ...orders]);
};

/** One write, which waits for an approval. */
export const anApproval = (integration: string) => ({
  ...body(integration, [{ id: 'order', tool: `${integration}.createOrder`, args: { body: { item: 1 } } }]),
  approvalStrategy: 'ON_WRITE',
});

/** The same beside a call that is under way until the third party is told to answer it. */
export const anApprovalBeside = (integration: string, held: number) => ({
  ...body(integration, [
    { id: 'slow', tool: `${integration}.waitForItem`, args: { path: { id: held } } },
    { id: 'order', tool: `${integration}.createOrder`, args: { body: { item: 1 } } },
  ]),
  approvalStrategy: 'ON_WRITE',
});

/** Steps that end one after another, each when the third party is told to answer its call. */
export const heldSteps = (integration: string, ids: readonly number[]) =>
  body(
    integration,
    ids.map((id, n) => ({
      id: `s${n}`,
      tool: `${integration}.waitForItem`,
      args: { path: { id } },
      ...(n > 0 && { dependsOn: [`s${n - 1}`] }),
    })),
  );

function chain(integration: string, length: number) {
  const names = ['a', 'b', 'c', 'd', 'e'].slice(0, length);
  return names.map((id, n) => ({
    id,
    tool: `${integration}.getItem`,
    args: { path: { id: n === 0 ? 1 : { $: `steps.${names[n - 1]}.output.next` } } },
    reason: 'Find the next one',
  }));
}

const body = (integration: string, steps: readonly { id: string; [part: string]: unknown }[]) => ({
  intent: 'Which item comes after the next ones?',
  userId: 'user-1',
  selectedCustomerIntegrationIds: [integration],
  plan: { goal: 'Find an item', steps, result: { last: { $: `steps.${steps.at(-1)!.id}.output` } } },
});

/** When, in ms from the request that made it, a caller has seen what of a run. */
export type Seen = { createdMs: number; startMs: number; endMs: number; runId: string };

/** Makes a run and streams it to its end. @throws when it does not end well */
export async function runToEnd(http: HttpClient, request: object): Promise<Seen> {
  const begun = performance.now();
  const since = () => performance.now() - begun;
  const { runId } = JSON.parse(await http.send('POST', '/v1/runs', request)) as { runId: string };
  const seen: Seen = { runId, createdMs: since(), startMs: 0, endMs: 0 };
  let last = '';
  await http.follow(`/v1/runs/${runId}/sse`, (text) => {
    if (seen.startMs === 0 && text.includes('event: start')) seen.startMs = since();
    if (seen.endMs === 0 && text.includes('event: end')) seen.endMs = since();
    last = text;
    return undefined;
  });
  if (!last.includes('"runStatus":"SUCCESS"'))
    throw new Error(`The run ${runId} did not end well: ${last.slice(-500)}`);
  return seen;
}
