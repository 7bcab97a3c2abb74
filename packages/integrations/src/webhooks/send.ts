import { createRedactor } from '@errand/basics/redactor';
import type { Secret } from '@errand/contracts';
import type { WebhookSender } from '@errand/ports/webhooks';
import { Webhook } from 'standardwebhooks';
import type { InstanceEgress } from '../egress/egress.ts';
import { EgressError, type EgressErrorCode } from '../egress/error.ts';
import { cleanText, secretForms } from '../execute/clean.ts';

const TIMEOUT_MS = 15_000;
/** The connection is closed after this many bytes of the answer. */
const MAX_ANSWER_BYTES = 4096;
/** The longest accepted Retry-After. */
const MAX_RETRY_AFTER_S = 86_400;

const texts: Record<EgressErrorCode, string> = {
  url_not_allowed: 'Its address may not be called.',
  request_not_allowed: 'Its address may not be called.',
  upstream_error: 'It requires too many requests.',
  upstream_redirect: 'It answered with a redirect, which is not followed.',
  upstream_too_large: 'Its answer is too large.',
  upstream_timeout: 'It did not answer within 15 seconds.',
  upstream_unreachable: 'It cannot be reached, or its answer is incomplete.',
  canceled: 'The service was stopped.',
};

const { redact } = createRedactor();
const PREFIX = /^whsec_/;

/** The text of a failed answer without the secrets that sign, API keys and hidden characters. */
function withAnswer(body: Buffer, secrets: readonly Secret[]): { answer?: string } {
  const texts = secrets.map((secret) => secret.reveal());
  const forms = secretForms([...texts, ...texts.map((text) => text.replace(PREFIX, ''))]);
  const answer = redact(cleanText(body.toString('utf8'), forms)).slice(0, MAX_ANSWER_BYTES);
  return answer === '' ? {} : { answer };
}

/** Signs a message with each secret (Standard Webhooks) and posts it. Of a failed answer, the beginning is stored. */
export const createWebhookSender =
  (egress: InstanceEgress): WebhookSender =>
  async ({ workspaceId, url, secrets, id, body, traceparent, signal }) => {
    const now = new Date();
    try {
      const {
        status,
        headers,
        body: answer,
      } = await egress.forWorkspace(workspaceId).request({
        method: 'POST',
        url,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Errand-Webhooks/1',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
          'webhook-signature': secrets.map((secret) => new Webhook(secret.reveal()).sign(id, now, body)).join(' '),
          ...(traceparent !== undefined && { traceparent }),
        },
        body,
        signal,
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_ANSWER_BYTES,
        whenTooLarge: 'cut',
        credentials: true,
        tenant: `webhooks of ${workspaceId}`,
      });
      if (status >= 200 && status < 300) return { status, error: null };
      const wait = Number(headers['retry-after']);
      const retryAfterS = wait > 0 ? Math.min(wait, MAX_RETRY_AFTER_S) : undefined;
      return { status, error: `It answered ${status}.`, retryAfterS, ...withAnswer(answer, secrets) };
    } catch (error) {
      const { code, status = null } = error instanceof EgressError ? error : { code: 'upstream_unreachable' as const };
      return { status, error: texts[code], code };
    }
  };
