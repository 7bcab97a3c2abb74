import type {
  Answer,
  AnsweredInput,
  AnsweredQuestion,
  Approval,
  CreateRunInput,
  CreationAnswer,
  DecideApprovalInput,
  InputAnswer,
  PendingEntry,
  Run,
  RunEvent,
  RunHandle,
} from '@errand/contracts';
import { type ConnectOptions, connectAccount } from './connect.ts';
import type { StreamOptions } from './follow.ts';
import { watchPending } from './pending.ts';
import { type Call, type CallOptions, send } from './send.ts';
import { TokenSource, type UserTokenAnswer } from './token-source.ts';
import { type WatchOptions, watchRun } from './watch.ts';

export type BrowserClientOptions = {
  /** Where Errand is, e.g. `https://errand.example.com`. */
  url: string;
  /**
   * Asks your server for a user token: the answer of POST /v1/user-tokens as it is. Called before a token ends and after a 401, never twice
   * at once.
   */
  getToken: () => Promise<UserTokenAnswer>;
  /** Milliseconds without a byte after which the connection of a stream counts as lost; default 60,000. Errand sends one each 20 s. */
  idleMs?: number;
};

/** A new run. The user is that of the token. */
export type AskInput = Pick<CreateRunInput, 'intent' | 'selectedCustomerIntegrationIds' | 'user'> &
  Partial<Pick<CreateRunInput, 'context' | 'redirectUri'>>;
export type AskOptions = CallOptions & {
  /** Asks that have the same key create one run. Default: a random one for each `ask`. */
  idempotencyKey?: string;
};
export type Decision = Pick<DecideApprovalInput, 'decision' | 'reason' | 'args'>;
export type PendingOptions = StreamOptions & {
  /** Only the requests of this run. */
  runId?: string | undefined;
};
/** A question or an input request: an entry of `pending`. */
export type AnswerableRequest = Pick<PendingEntry, 'kind' | 'requestId'>;

export interface BrowserClient {
  /** Creates a run (ability `ask`). Temporary failures are retried with the same key, so that there is one run. */
  ask(run: AskInput, options?: AskOptions): Promise<CreationAnswer>;
  run(runId: string, options?: CallOptions): Promise<Run>;
  cancel(runId: string, options?: CallOptions): Promise<Run | RunHandle>;
  /**
   * The events of a run, in order, each once, until `end`. Resumes over lost connections, restarts of Errand and the ends of tokens.
   * @throws RequestFailed if Errand refuses for good
   */
  watch(runId: string, options?: WatchOptions): AsyncGenerator<RunEvent, void, void>;
  /** The open requests of the user, newest first: the whole list at the start and after each change. Resumes likewise. */
  pending(options?: PendingOptions): AsyncGenerator<readonly PendingEntry[], void, void>;
  /** Approves or denies a plan or a call (ability `decide`; `args` also needs `edit`). */
  decide(approvalId: string, decision: Decision, options?: CallOptions): Promise<Approval>;
  /**
   * Answers a question or an input request (ability `decide`).
   * @param request the entry of `pending`
   * @param answer for a question the value of a choice, words, the values of its form, or null; for an input request `{ action, content }`
   */
  answer(
    request: AnswerableRequest,
    answer: Answer | InputAnswer,
    options?: CallOptions,
  ): Promise<AnsweredQuestion | AnsweredInput>;
  /**
   * Connects an account of the user (ability `connect`): opens the page for the consent in a window, and waits until the account is
   * connected. Call it in the handler of a click: browsers block other windows.
   * @throws ConnectFailed if the window is blocked, the user refuses or closes it, or the time is over
   */
  connect(customerIntegrationId: string, options?: ConnectOptions): Promise<void>;
}

export function createBrowserClient({ url, getToken, idleMs = 60_000 }: BrowserClientOptions): BrowserClient {
  const base = `${new URL(url).href.replace(/(?<!\/)\/+$/, '')}/v1`;
  const tokens = new TokenSource(getToken);
  const context = { tokens, idleMs };
  const call = <T>(
    method: Call['method'],
    path: string,
    options: CallOptions & Pick<Call, 'body' | 'headers'> = {},
  ) => {
    const { signal, ...rest } = options;
    return send<T>(tokens, { method, url: base + path, ...rest }, signal);
  };
  const runPath = (runId: string) => `/runs/${encodeURIComponent(runId)}`;

  return {
    async ask(run, { idempotencyKey = randomKey(), signal } = {}) {
      const { userId } = await tokens.get(signal);
      return call('POST', '/runs', {
        body: { userId, ...run },
        headers: { 'idempotency-key': idempotencyKey },
        signal,
      });
    },
    run: (runId, options) => call('GET', runPath(runId), options),
    cancel: (runId, options) => call('DELETE', runPath(runId), options),
    watch: (runId, options) => watchRun(context, `${base}${runPath(runId)}/sse?progress=false`, options),
    async *pending({ runId, ...options } = {}) {
      const filter = runId === undefined ? '' : `?${new URLSearchParams({ runId })}`;
      for await (const { entries } of watchPending(context, `${base}/pending/sse${filter}`, options)) yield entries;
    },
    decide: (approvalId, { decision, reason, args }, options) =>
      call('POST', `/approvals/${encodeURIComponent(approvalId)}`, { ...options, body: { decision, reason, args } }),
    async answer({ kind, requestId }, answer, options) {
      if (requestId === undefined || (kind !== 'question' && kind !== 'input'))
        throw new TypeError(`A request of kind ${kind} has no answer. Pass an entry of kind question or input.`);
      const id = encodeURIComponent(requestId);
      if (kind === 'question') return call('POST', `/questions/${id}`, { ...options, body: { answer } });
      return call('POST', `/inputs/${id}`, { ...options, body: answer as InputAnswer });
    },
    connect: (customerIntegrationId, options = {}) => connectAccount({ context, base, customerIntegrationId, options }),
  };
}

/** `crypto.randomUUID` is missing in pages without https. */
const randomKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
