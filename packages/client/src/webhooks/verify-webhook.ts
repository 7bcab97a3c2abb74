import type { WebhookBody } from '@errand/contracts';
import { Webhook } from 'standardwebhooks';

/** An event, and the id of its delivery. A repeated delivery has the same id. */
export type WebhookDelivery = WebhookBody & { readonly id: string };

export type ReceivedWebhook = {
  /** The body as it was received: parsing and writing it again changes the bytes that were signed. */
  body: string | Uint8Array;
  /** The headers of the request: of Node, of fetch, or any object. */
  headers: { get(name: string): string | null } | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The secret of the webhook (`whsec_…`). Several during a rotation: one must fit. */
  secret: string | readonly string[];
};

export type WebhookFault = 'missing_header' | 'outside_tolerance' | 'bad_signature' | 'malformed' | 'too_large';

/** The request is not a delivery of Errand. Answer it with 400. */
export class WebhookRejected extends Error {
  override readonly name = 'WebhookRejected';

  /**
   * @param reason `missing_header`: not signed. `outside_tolerance`: signed over five minutes ago, or later than now: repeated by a stranger,
   *   or a clock is wrong. `bad_signature`: signed with another secret, or changed. `malformed`: no event. `too_large`: over 256 KiB.
   */
  constructor(
    readonly reason: WebhookFault,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Errand sends some 64 KiB at most. */
const MAX_BYTES = 256 * 1024;
const TOLERANCE_S = 300;

/**
 * Verifies a delivery of a webhook (https://www.standardwebhooks.com): its signature, and that it was sent in the last five minutes.
 * Errand delivers each event at least once: ignore an `id` that you have seen. Later versions may send further types: ignore those, too.
 * @returns the event: `type`, `timestamp`, `data`, and the `id` of the delivery
 * @throws WebhookRejected if the request is not a delivery of Errand: answer 400
 * @throws TypeError if `body` or `secret` cannot be used: a mistake of this server
 */
export function verifyWebhook({ body, headers, secret }: ReceivedWebhook): WebhookDelivery {
  const webhooks = (typeof secret === 'string' ? [secret] : (secret ?? [])).map(openSecret);
  if (webhooks.length === 0) throw new TypeError('`secret` is missing. Pass the `secret` of the webhook.');
  const text = textOf(body);
  const [id, timestamp, signature] = signedHeaders(headers);
  checkTime(timestamp);
  const signed = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
  if (!webhooks.some((webhook) => isSigned(webhook, text, signed)))
    throw new WebhookRejected(
      'bad_signature',
      'The signature does not fit. Check the secret, and pass the body as it was received.',
    );
  return { ...parseEvent(text), id };
}

function openSecret(secret: string): Webhook {
  try {
    return new Webhook(secret);
  } catch (cause) {
    throw new TypeError('`secret` is not the secret of a webhook: those begin with whsec_.', { cause });
  }
}

function textOf(body: string | Uint8Array): string {
  const isBytes = body instanceof Uint8Array;
  if (typeof body !== 'string' && !isBytes)
    throw new TypeError('`body` is neither text nor bytes. Pass the body as it was received, before it is parsed.');
  if (body.length > MAX_BYTES) throw new WebhookRejected('too_large', `The body has over ${MAX_BYTES} bytes.`);
  if (!isBytes) return body;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch (cause) {
    throw new WebhookRejected('malformed', 'The body is not UTF-8.', { cause });
  }
}

type Signed = [id: string, timestamp: string, signature: string];

function signedHeaders(headers: ReceivedWebhook['headers']): Signed {
  const read = isFetchHeaders(headers) ? (name: string) => headers.get(name) : readerOf(headers);
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
  return names.map((name) => {
    const value = read(name);
    if (typeof value === 'string' && value !== '') return value;
    throw new WebhookRejected('missing_header', `The request has no header ${name}.`);
  }) as Signed;
}

const isFetchHeaders = (headers: ReceivedWebhook['headers']): headers is { get(name: string): string | null } =>
  typeof headers.get === 'function';

/** Reads from an object, whose names may be in any case. */
function readerOf(headers: Readonly<Record<string, unknown>>): (name: string) => unknown {
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return (name) => byName.get(name);
}

function checkTime(timestamp: string): void {
  if (!/^\d{1,12}$/.test(timestamp))
    throw new WebhookRejected('malformed', 'webhook-timestamp is not a time in seconds.');
  const ageS = Math.floor(Date.now() / 1000) - Number(timestamp);
  if (Math.abs(ageS) > TOLERANCE_S)
    throw new WebhookRejected(
      'outside_tolerance',
      `The request was signed ${Math.abs(ageS)} s ${ageS > 0 ? 'ago' : 'later than now'}; ${TOLERANCE_S} s are allowed. Check the clock of this server.`,
    );
}

function isSigned(webhook: Webhook, text: string, headers: Record<string, string>): boolean {
  try {
    webhook.verify(text, headers, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

function parseEvent(text: string): WebhookBody {
  const body = parse(text) as Partial<WebhookBody> | null | undefined;
  if (
    typeof body?.type === 'string' &&
    typeof body.timestamp === 'string' &&
    typeof body.data === 'object' &&
    body.data
  )
    return body as WebhookBody;
  throw new WebhookRejected('malformed', 'The body is not an event of Errand.');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
