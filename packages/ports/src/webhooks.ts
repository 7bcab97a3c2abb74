import type { Secret } from '@errand/contracts';

export type WebhookRequest = {
  workspaceId: string;
  url: string;
  /** The message is signed with each of them. */
  secrets: readonly Secret[];
  id: string;
  body: string;
  /** The header `traceparent`; absent if the request names no trace. */
  traceparent?: string | undefined;
  signal: AbortSignal;
};

/**
 * `error` says for people why the request failed; it is null when the receiver accepted the message. `answer`: the beginning of the
 * body that it failed with, without secrets. `code`: of a request without a complete answer, such as `upstream_timeout`.
 */
export type WebhookAnswer = {
  status: number | null;
  error: string | null;
  retryAfterS?: number;
  answer?: string;
  code?: string;
};

/** Signs a message and posts it to a webhook. Never rejects. */
export type WebhookSender = (request: WebhookRequest) => Promise<WebhookAnswer>;
