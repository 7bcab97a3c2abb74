// The open requests of a user, with the state of the answers that this page sends.
import type {
  Answer,
  BrowserClient,
  ConnectOptions,
  Decision,
  InputAnswer,
  PendingEntry,
} from '@errand/client/browser';
import { type StreamView, toError } from './connection.ts';
import { Store } from './store.ts';

/** An open request. */
export type RequestView = PendingEntry & {
  /** The id of the approval, consent, question, input request or effect: the `key` of its component. */
  id: string;
  /** Whether an answer is being sent or was accepted: disable the buttons. */
  isBusy: boolean;
  /** Why the last answer failed. */
  failure?: Error | undefined;
};

export type PendingState = StreamView & { pending: readonly RequestView[] };

/** Answers to requests. They do not throw: `failure` of the request has the error. */
export type PendingActions = {
  /** Approves or denies a plan or a call. */
  decide(request: RequestView, decision: Decision): Promise<void>;
  /** Answers a question or an input request. */
  answer(request: RequestView, answer: Answer | InputAnswer): Promise<void>;
  /** Connects the account that a consent is about, in the handler of a click. Another call for the request ends the first. */
  connect(request: RequestView, options?: ConnectOptions): Promise<void>;
};

const CONNECTING: PendingState = { pending: [], connection: 'connecting' };

export class PendingStore {
  readonly state: Store<PendingState>;
  readonly actions: PendingActions;
  readonly #connects = new Map<string, AbortController>();

  constructor(
    private readonly client: BrowserClient,
    onStop: () => void,
  ) {
    this.state = new Store<PendingState>(
      CONNECTING,
      (set, signal) => watch(client, set, signal),
      () => {
        for (const connect of this.#connects.values()) connect.abort();
        onStop();
      },
    );
    this.actions = {
      decide: (request, decision) => this.#send(request, () => client.decide(approvalOf(request), decision)),
      answer: (request, answer) => this.#send(request, () => client.answer(request, answer)),
      connect: (request, options) => this.#connect(request, options),
    };
  }

  async #send({ id }: RequestView, send: () => Promise<unknown>): Promise<void> {
    this.#change(id, { isBusy: true, failure: undefined });
    try {
      // Busy until the stream says that the request is closed.
      await send();
    } catch (error) {
      this.#change(id, { isBusy: false, failure: toError(error) });
    }
  }

  async #connect(request: RequestView, options: ConnectOptions = {}): Promise<void> {
    const { id, customerIntegrationId = '' } = request;
    this.#connects.get(id)?.abort();
    const latest = new AbortController();
    this.#connects.set(id, latest);
    const abort = () => latest.abort();
    options.signal?.addEventListener('abort', abort, { once: true });
    const isLatest = () => this.#connects.get(id) === latest;
    this.#change(id, { isBusy: true, failure: undefined });
    try {
      await this.client.connect(customerIntegrationId, { ...options, signal: latest.signal });
      if (isLatest()) this.#change(id, { isBusy: false, failure: undefined });
    } catch (error) {
      const failure = latest.signal.aborted ? undefined : toError(error);
      if (isLatest()) this.#change(id, { isBusy: false, failure });
    } finally {
      options.signal?.removeEventListener('abort', abort);
      if (isLatest()) this.#connects.delete(id);
    }
  }

  #change(id: string, change: Pick<RequestView, 'isBusy' | 'failure'>): void {
    this.state.set((state) => ({
      ...state,
      pending: state.pending.map((request) => (request.id === id ? { ...request, ...change } : request)),
    }));
  }
}

function approvalOf({ approvalId, kind }: RequestView): string {
  if (approvalId === undefined)
    throw new TypeError(`A request of kind ${kind} is not decided. Pass a request of kind plan or call.`);
  return approvalId;
}

async function watch(
  client: BrowserClient,
  set: (change: (state: PendingState) => PendingState) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    const onState = (connection: 'open' | 'reconnecting') => set((state) => ({ ...state, connection }));
    for await (const entries of client.pending({ signal, onState }))
      set((state) => ({ ...state, pending: merge(state.pending, entries) }));
  } catch (error) {
    set((state) => ({ ...state, connection: 'ended', failure: toError(error) }));
  }
}

/** The entries with the state of their answers. Requests that are the same stay the same objects. */
function merge(before: readonly RequestView[], entries: readonly PendingEntry[]): RequestView[] {
  const known = new Map(before.map((request) => [request.id, request]));
  return entries.map((entry) => known.get(idOf(entry)) ?? { ...entry, id: idOf(entry), isBusy: false });
}

const idOf = ({ approvalId, effectId, consentId, requestId }: PendingEntry): string =>
  approvalId ?? effectId ?? consentId ?? requestId ?? '';
