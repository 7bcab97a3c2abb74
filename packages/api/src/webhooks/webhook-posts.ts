import { type WebhookMessageType, webhookBodies } from '@errand/contracts';
import type { DocumentOptions } from '@errand/trpc-openapi';

const names = Object.keys(webhookBodies) as WebhookMessageType[];

const header = (name: string, description: string, example: string) => ({
  name,
  in: 'header' as const,
  required: true,
  description,
  example,
  schema: { type: 'string' as const },
});
const headers = [
  header(
    'webhook-id',
    'Names the message: the same in every attempt. Ignore one that you have seen.',
    'msg_0192f0c17a707d338e216b2f4c9a1e04',
  ),
  header('webhook-timestamp', 'When it was posted, in seconds since 1970. Refuse one that is old.', '1769851800'),
  header(
    'webhook-signature',
    'One signature for each valid secret, separated by spaces, as Standard Webhooks has it.',
    'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  ),
];

/** What is posted to webhooks, as the document describes it. */
export const webhookPosts: DocumentOptions['webhooks'] = Object.fromEntries(
  names.map((name) => [
    name,
    {
      post: {
        operationId: `webhook${name.replaceAll(/(?:^|[._])(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
        tags: ['Webhooks'],
        summary: webhookBodies[name].meta()?.description ?? name,
        description:
          'Signed by the secret of the webhook (https://www.standardwebhooks.com). At least once: tried up to 14 times in some 28 hours, until a 2xx comes within 15 seconds. The order is not kept. 410 switches the webhook off.',
        security: [],
        parameters: headers,
        requestBody: { required: true, content: { 'application/json': { schema: webhookBodies[name] } } },
        responses: {
          '2XX': { description: 'It was taken; the body is ignored.' },
          '410': { description: 'Nothing is to be posted there any more: the webhook is switched off.' },
          default: { description: 'It was not taken; it is posted again later.' },
        },
      },
    },
  ]),
);
