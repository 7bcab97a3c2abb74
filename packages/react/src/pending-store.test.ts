import type { BrowserClient, PendingEntry } from '@errand/client/browser';
import { expect, onTestFinished, test, vi } from 'vitest';
import { PendingStore, type RequestView } from './pending-store.ts';

const call = { kind: 'call', approvalId: 'a', runId: 'r' } as PendingEntry;
const consent = { kind: 'consent', consentId: 'c', customerIntegrationId: 'crm', runId: 'r' } as PendingEntry;

/** A store that a component shows, with a client whose lists and answers the test controls. */
async function start(client: Partial<BrowserClient>) {
  let controller: ReadableStreamDefaultController<PendingEntry[]>;
  const lists = new ReadableStream<PendingEntry[]>({
    start: (created) => {
      controller = created;
    },
  });
  const store = new PendingStore({ ...client, pending: () => lists } as unknown as BrowserClient, () => {});
  const leave = store.state.subscribe(() => {});
  onTestFinished(leave);
  const requests = () => store.state.get().pending;
  const list = async (...entries: PendingEntry[]) => {
    controller.enqueue(entries);
    await vi.waitFor(() => expect(requests().map(({ runId }) => runId)).toHaveLength(entries.length));
  };
  await list(call, consent);
  const request = (id: string): RequestView => requests().find((each) => each.id === id)!;
  return { store, list, request, leave, actions: store.actions };
}

test('a request is busy from its answer until it is closed', async () => {
  const decide = vi.fn(async () => ({}) as never);
  const { actions, request, list } = await start({ decide });
  const deciding = actions.decide(request('a'), { decision: 'approve' });
  await vi.waitFor(() => expect(request('a').isBusy).toBe(true));
  await deciding;
  await list(call, consent);
  expect([request('a').isBusy, request('c').isBusy]).toEqual([true, false]);
  await list(consent);
  expect(decide).toHaveBeenCalledExactlyOnceWith('a', { decision: 'approve' });
});

test('an answer that fails leaves its error at the request, until the next answer', async () => {
  const decide = vi.fn(async () => Promise.reject(new Error('no')));
  const { actions, request } = await start({ decide });
  await actions.decide(request('a'), { decision: 'approve' });
  await vi.waitFor(() => expect(request('a')).toMatchObject({ isBusy: false, failure: { message: 'no' } }));
  decide.mockImplementation(async () => ({}) as never);
  await actions.decide(request('a'), { decision: 'approve' });
  await vi.waitFor(() => expect(request('a')).toMatchObject({ isBusy: true, failure: undefined }));
});

test('a consent is not decided', async () => {
  const { actions, request } = await start({});
  await actions.decide(request('c'), { decision: 'approve' });
  await vi.waitFor(() => expect(request('c').failure?.message).toContain('kind consent is not decided'));
});

test('another connect ends the first one, and so does the last component that leaves', async () => {
  const signals: AbortSignal[] = [];
  const connect = (_: string, { signal }: { signal?: AbortSignal } = {}) => {
    signals.push(signal!);
    return new Promise<void>((_resolve, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)));
  };
  const { actions, request, leave } = await start({ connect });
  const first = actions.connect(request('c'));
  const second = actions.connect(request('c'));
  await first;
  await vi.waitFor(() => expect(request('c')).toMatchObject({ isBusy: true, failure: undefined }));
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  leave();
  await second;
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});
