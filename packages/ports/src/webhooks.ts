import type { Secret } from '@errand/contracts';

export type WebhookRequest = {
  workspaceId: string;
  url: string;
  /** The message is signed with each of them. */
  secrets: readonly Secret[];
  id: string;
  body: string;
  signal: AbortSignal;
};

/**
 * `error` says for people why the request failed; it is null when the receiver accepted the message. `answer`: the beginning of the
 * body that it failed with, without secrets.
 */
export type WebhookAnswer = { status: number | null; error: string | null; retryAfterS?: number; answer?: string };

/** Signs a message and posts it to a webhook. Never rejects. */
export type WebhookSender = (request: WebhookRequest) => Promise<WebhookAnswer>;
