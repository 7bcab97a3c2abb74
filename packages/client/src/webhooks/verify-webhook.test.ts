import { Webhook } from 'standardwebhooks';
import { expect, expectTypeOf, test } from 'vitest';
import { type ReceivedWebhook, verifyWebhook, type WebhookDelivery } from './verify-webhook.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = 'whsec_c2VjcmV0IG9mIGFub3RoZXIgd2ViaG9vaw==';
const event = {
  type: 'webhook.test',
  timestamp: '2026-11-30T09:00:00.000Z',
  data: { webhookId: '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01' },
};
const BODY = JSON.stringify(event);

type Post = { body: string; headers: Record<string, string> };
function post({ body = BODY, secrets = [SECRET], ageS = 0, id = 'msg_1' } = {}): Post {
  const at = new Date(Date.now() - ageS * 1000);
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, at, body));
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signatures.join(' '),
  };
  return { body, headers };
}
const verify = (received: Partial<ReceivedWebhook> = {}) => verifyWebhook({ ...post(), secret: SECRET, ...received });
const rejected = (reason: string) => expect.objectContaining({ name: 'WebhookRejected', reason });
const thrown = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

test('a delivery is returned with its id, whatever the form of its body and headers', () => {
  const { body, headers } = post();
  const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
  for (const form of [headers, new Headers(headers), upper, { ...headers, cookie: ['a', 'b'] }])
    for (const bytes of [body, Buffer.from(body), new TextEncoder().encode(body)])
      expect(verify({ body: bytes, headers: form })).toEqual({ ...event, id: 'msg_1' });
});

test('the type of the event selects the type of its data', () => {
  const delivery = {} as WebhookDelivery;
  if (delivery.type === 'run.end') expectTypeOf(delivery.data.run.runId).toEqualTypeOf<string>();
  if (delivery.type === 'connection.created') expectTypeOf(delivery.data.userId).toEqualTypeOf<string>();
  expectTypeOf(delivery.id).toEqualTypeOf<string>();
});

test('text beyond ASCII verifies, as text and as bytes', () => {
  const body = JSON.stringify({ ...event, data: { intent: '\ufeffGrüße, 世界 🚀' } });
  for (const form of [body, Buffer.from(body)])
    expect(verify({ ...post({ body }), body: form }).data).toHaveProperty('intent');
});

test('an event of a later version is not refused', () => {
  const body = JSON.stringify({ ...event, type: 'run.exploded', data: { more: 1 } });
  expect(verify(post({ body }))).toMatchObject({ type: 'run.exploded' });
});

test('during a rotation one of several secrets must fit one of several signatures', () => {
  expect(verify({ ...post({ secrets: [OTHER, SECRET] }) })).toMatchObject({ id: 'msg_1' });
  expect(verify({ secret: [OTHER, SECRET] })).toMatchObject({ id: 'msg_1' });
  expect(thrown(() => verify({ secret: [OTHER] }))).toEqual(rejected('bad_signature'));
});

test('a changed delivery is rejected', () => {
  const { body, headers } = post();
  const changes: Partial<ReceivedWebhook>[] = [
    { body: body.replace('webhook.test', 'run.end') },
    { body: `${body} ` },
    { headers: { ...headers, 'webhook-id': 'msg_2' } },
    { headers: { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 1) } },
    { headers: { ...headers, 'webhook-signature': headers['webhook-signature']!.slice(0, -2) } },
    { headers: { ...headers, 'webhook-signature': 'v1' } },
    { headers: { ...headers, 'webhook-signature': headers['webhook-signature']!.replace('v1,', 'v2,') } },
    { secret: OTHER },
  ];
  for (const change of changes)
    expect(thrown(() => verify({ body, headers, ...change }))).toEqual(rejected('bad_signature'));
});

test('an old delivery is rejected, and one of a clock that is far ahead', () => {
  expect(verify(post({ ageS: 290 }))).toMatchObject({ id: 'msg_1' });
  for (const ageS of [310, -310, 1e9])
    expect(thrown(() => verify(post({ ageS })))).toEqual(rejected('outside_tolerance'));
});

test('a request without the headers is rejected', () => {
  for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
    const { [name]: _, ...headers } = post().headers;
    for (const form of [headers, new Headers(headers), { ...headers, [name]: '' }])
      expect(thrown(() => verify({ headers: form }))).toEqual(rejected('missing_header'));
  }
});

test('a body that is no event is rejected, although it is signed', () => {
  for (const body of ['', 'x', 'null', '[]', '{}', JSON.stringify({ ...event, data: null })])
    expect(thrown(() => verify(post({ body })))).toEqual(rejected('malformed'));
  expect(thrown(() => verify({ body: Uint8Array.of(0xff, 0xfe) }))).toEqual(rejected('malformed'));
  const { headers } = post();
  expect(thrown(() => verify({ headers: { ...headers, 'webhook-timestamp': 'now' } }))).toEqual(rejected('malformed'));
});

test('a large body is rejected before it is read', () => {
  const { headers } = post();
  for (const body of ['x'.repeat(262_145), Buffer.alloc(262_145)])
    expect(thrown(() => verify({ body, headers }))).toEqual(rejected('too_large'));
});

test('mistakes of this server are no rejections', () => {
  const mistakes = [
    { body: event },
    { secret: undefined },
    { secret: [] },
    { secret: '' },
    { secret: 'whsec_' },
    { secret: 'no base64!' },
  ] as unknown as Partial<ReceivedWebhook>[];
  for (const mistake of mistakes) expect(thrown(() => verify(mistake))).toBeInstanceOf(TypeError);
});
