import type { AnswerHeader } from '@errand/trpc-openapi';

/** Headers of answers, as the OpenAPI document describes them. */
export const answerHeaders: Record<string, AnswerHeader> = {
  'retry-after': {
    description: 'Seconds to wait before the next try.',
    example: '1',
    with: ['rate_limited', 'too_many_streams', 'unavailable', 'request_in_progress'],
  },
  'www-authenticate': {
    description: 'How to send the API key.',
    example: 'Bearer realm="errand"',
    with: ['unauthenticated'],
  },
  'ratelimit-policy': {
    description: 'The number of requests (`q`) that the key may make in a window of `w` seconds.',
    example: '"key";q=300000;w=60',
    always: true,
  },
  ratelimit: {
    description: 'The requests that the key has left (`r`), and the seconds until its quota is full again (`t`).',
    example: '"key";r=299999;t=1',
    always: true,
  },
};
