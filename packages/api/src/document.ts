import { contract, isUserOperation, userOperations } from '@errand/contracts';
import { openApiDocument, type ResponseHeader } from '@errand/trpc-openapi';
import { approvalPaths } from './approvals/approval-paths.ts';
import examples from './examples.json' with { type: 'json' };
import { uploadPaths } from './integrations/register/upload-paths.ts';
import { errorAnswerOptions } from './mount.ts';
import { inputPaths, questionPaths } from './questions/question-paths.ts';
import { VERSION } from './version.ts';
import { webhookPosts } from './webhooks/webhook-posts.ts';
import { logoPaths } from './workspace/logo-paths.ts';

/** Headers of answers, as the OpenAPI document describes them. */
const responseHeaders: Record<string, ResponseHeader> = {
  'retry-after': {
    description: 'Seconds to wait before the next try.',
    example: '1',
    errorCodes: [
      'rate_limited',
      'too_many_streams',
      'too_many_runs',
      'too_many_user_tokens',
      'unavailable',
      'request_in_progress',
    ],
  },
  'www-authenticate': {
    description: 'How to send the API key.',
    example: 'Bearer realm="errand"',
    errorCodes: ['unauthenticated'],
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

const tags = [
  { name: 'Runs', description: 'Errands: create, watch and cancel them.' },
  { name: 'Execution plans', description: 'The steps of a run.' },
  { name: 'Decisions', description: 'Requests to people, and their answers.' },
  { name: 'Integrations', description: 'Services that runs may use, their tools, and the credentials of users.' },
  { name: 'Catalog', description: 'Services that can be registered by their name.' },
  { name: 'Users', description: 'End users on whose behalf runs act.' },
  { name: 'Feedback', description: 'Ratings of the results of runs.' },
  { name: 'Schedules', description: 'Runs that are created at set times.' },
  { name: 'Webhooks', description: 'URLs to which Errand posts events.' },
  { name: 'API keys', description: 'Keys of callers, and their scopes.' },
  { name: 'User tokens', description: 'Tokens of some minutes for the browsers of end users.' },
  { name: 'Instance', description: 'Settings and the state of the instance, and of a workspace.' },
  { name: 'Audit', description: 'Actions, and the principals that performed them.' },
];

/** The document as JSON, made by the build, because generating it takes a tenth of a second. */
export const documentFile = new URL('../dist/openapi.json', import.meta.url);

/** The OpenAPI 3.1 document of the contract; needs no server. */
export const apiDocument = () =>
  openApiDocument(contract, {
    ...errorAnswerOptions,
    responseHeaders,
    examples,
    commonErrors: ['rate_limited', 'unavailable', 'key_in_browser', 'origin_not_allowed'],
    paths: (errorResponses) => ({
      ...approvalPaths(errorResponses),
      ...questionPaths(errorResponses),
      ...inputPaths(errorResponses),
      ...uploadPaths(errorResponses),
      ...logoPaths(errorResponses),
    }),
    tags,
    webhooks: webhookPosts,
    securitySchemes: {
      apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'An API key of the workspace.' },
      bearer: { type: 'http', scheme: 'bearer', description: 'The same API key, as `Authorization: Bearer`.' },
    },
    furtherSecurity: {
      schemes: {
        userToken: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A user token, as `Authorization: Bearer`. `x-user-token-ability` names the abilities of which it needs one.',
        },
      },
      errors: ['insufficient_ability', 'beyond_user_token'],
      describe: (name) => (isUserOperation(name) ? { 'x-user-token-ability': userOperations[name] } : undefined),
    },
    info: {
      title: 'Errand',
      version: VERSION,
      license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
      contact: { name: 'The operator of this service' },
      description:
        'Post an intent, say which integrations may be used and for which end user, and Errand carries it out. Every request carries an API key in `x-api-key`, or as `Authorization: Bearer`; a key belongs to one workspace and sees nothing of another.',
    },
  });
