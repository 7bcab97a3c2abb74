import type { HttpClient } from './http.ts';

/** Five reads; each needs the output of the previous one. */
export const fiveReads = (integration: string) => body(integration, chain(integration, 5));

/** Five reads; the argument of each is a sum over the output of the previous one. */
export const fiveSums = (integration: string) =>
  body(
    integration,
    chain(integration, 5, (from) => `steps.${from}.output.next + 1 - 1`),
  );

/** Five reads; the argument of each is found by a filter, which JSONata evaluates. */
export const fiveFilters = (integration: string) =>
  body(
    integration,
    chain(integration, 5, (from) => `$filter([steps.${from}.output], function($i) { $i.next > 0 }).next`),
  );

/** Five reads with answers of 100 KB. */
export const fiveLongReads = (integration: string) => body(integration, chain(integration, 5, undefined, 'getText'));

/** One read. */
export const oneRead = (integration: string) => body(integration, chain(integration, 1));

/** Three reads and two writes. Each write is recorded before it is sent, which costs one more commit. */
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

/** Like `anApproval`, with a second call that hangs until the benchmark releases its item at the third party. */
export const anApprovalBeside = (integration: string, itemId: number) => ({
  ...body(integration, [
    { id: 'slow', tool: `${integration}.waitForItem`, args: { path: { id: itemId } } },
    { id: 'order', tool: `${integration}.createOrder`, args: { body: { item: 1 } } },
  ]),
  approvalStrategy: 'ON_WRITE',
});

/** Sequential steps; the call of each hangs until the benchmark releases its item at the third party. */
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

function chain(
  integration: string,
  length: number,
  idFrom = (from: string) => `steps.${from}.output.next`,
  operation = 'getItem',
) {
  const names = ['a', 'b', 'c', 'd', 'e'].slice(0, length);
  return names.map((id, n) => ({
    id,
    tool: `${integration}.${operation}`,
    args: { path: { id: n === 0 ? 1 : { $: idFrom(names[n - 1]!) } } },
    reason: 'Find the next one',
  }));
}

const body = (integration: string, steps: readonly { id: string; [part: string]: unknown }[]) => ({
  intent: 'Which item comes after the next ones?',
  userId: 'user-1',
  selectedCustomerIntegrationIds: [integration],
  plan: { goal: 'Find an item', steps, result: { last: { $: `steps.${steps.at(-1)!.id}.output` } } },
});

/** Creates a run and waits for its end in the same request. @throws Error when the run does not end in SUCCESS */
export async function runAndWait(http: HttpClient, request: object): Promise<void> {
  const answer = await http.send('POST', '/v1/runs', request, { prefer: 'wait=30' });
  if (!answer.includes('"status":"SUCCESS"')) throw new Error(`The run did not succeed: ${answer.slice(0, 500)}`);
}

/** Time in ms from the create request until the caller received the run as created, started and ended. */
export type Timing = { createdMs: number; startMs: number; endMs: number; runId: string };

/** Creates a run and follows its stream to the end. @throws Error when the run does not end in SUCCESS */
export async function runToEnd(http: HttpClient, request: object): Promise<Timing> {
  const begun = performance.now();
  const since = () => performance.now() - begun;
  const { runId } = JSON.parse(await http.send('POST', '/v1/runs', request)) as { runId: string };
  const timing: Timing = { runId, createdMs: since(), startMs: 0, endMs: 0 };
  let last = '';
  // Gets all text of the stream so far. Returning nothing continues until the stream ends.
  await http.follow(`/v1/runs/${runId}/sse`, (text) => {
    if (timing.startMs === 0 && text.includes('event: start')) timing.startMs = since();
    if (timing.endMs === 0 && text.includes('event: end')) timing.endMs = since();
    last = text;
    return undefined;
  });
  if (!last.includes('"runStatus":"SUCCESS"')) throw new Error(`The run ${runId} did not succeed: ${last.slice(-500)}`);
  return timing;
}
