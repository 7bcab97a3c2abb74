import { type WebhookMessageType, webhookBodies } from '@errand/contracts';
import type { DocumentOptions } from '@errand/trpc-openapi';

const names = Object.keys(webhookBodies) as WebhookMessageType[];

const header = (name: string, description: string, example: string, required = true) => ({
  name,
  in: 'header' as const,
  required,
  description,
  example,
  schema: { type: 'string' as const },
});
const headers = [
  header(
    'webhook-id',
    'Identifies the message; the same in every attempt. Ignore repeated ids.',
    'msg_0192f0c17a707d338e216b2f4c9a1e04',
  ),
  header('webhook-timestamp', 'Time of the post, in seconds since 1970. Reject old posts.', '1769851800'),
  header(
    'webhook-signature',
    'One signature for each valid secret, separated by spaces, in the format of Standard Webhooks.',
    'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  ),
];
const traceparent = header(
  'traceparent',
  'W3C Trace Context, only if the webhook has `traceparent`. The trace id is the id of the run; each attempt has another span id.',
  '00-0192f0c17a3e7c119d523f6b2f0c8a01-00f067aa0ba902b7-00',
  false,
);

/** The posts to webhooks, for the document. */
export const webhookPosts: DocumentOptions['webhooks'] = Object.fromEntries(
  names.map((name) => [
    name,
    {
      post: {
        operationId: `webhook${name.replaceAll(/(?:^|[._])(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
        tags: ['Webhooks'],
        summary: webhookBodies[name].meta()?.description ?? name,
        description:
          'Signed with the secret of the webhook (https://www.standardwebhooks.com). Delivered at least once, with up to 14 attempts in about 28 hours, until a 2xx answer arrives within 15 seconds. The order is not guaranteed. 410 deactivates the webhook.',
        security: [],
        parameters: name.startsWith('run.') ? [...headers, traceparent] : headers,
        requestBody: { required: true, content: { 'application/json': { schema: webhookBodies[name] } } },
        responses: {
          '2XX': { description: 'Accepted; the body is ignored.' },
          '410': { description: 'No more posts: Errand deactivates the webhook.' },
          default: { description: 'Not accepted; Errand posts it again later.' },
        },
      },
    },
  ]),
);
