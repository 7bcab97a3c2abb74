import { readFileSync } from 'node:fs';
import { contract } from '@errand/contracts';
import { openApiDocument } from '@errand/trpc-openapi';
import { answerHeaders } from './answer-headers.ts';
import { approvalPaths } from './approvals/approval-paths.ts';
import examples from './examples.json' with { type: 'json' };
import { problemOptions } from './mount.ts';
import { inputPaths, questionPaths } from './questions/question-paths.ts';
import { webhookPosts } from './webhooks/webhook-posts.ts';

const tags = [
  { name: 'Runs', description: 'Errands: ask for one, watch it, cancel it.' },
  { name: 'Execution plans', description: 'What a run does, step by step.' },
  { name: 'Decisions', description: 'What humans are asked, and their answers.' },
  { name: 'Integrations', description: 'Services that runs may use, their tools, and the credentials of users.' },
  { name: 'Users', description: 'End users on whose behalf runs act.' },
  { name: 'Feedback', description: 'How good the result of a run was.' },
  { name: 'Schedules', description: 'Runs that are created again and again.' },
  { name: 'Webhooks', description: 'Where Errand tells what happens.' },
  { name: 'API keys', description: 'Who may call, and what.' },
  { name: 'Audit', description: 'Who did what.' },
];

/** Where the build keeps the document as JSON: to make it takes a tenth of a second. */
export const documentFile = new URL('../dist/openapi.json', import.meta.url);

/** The OpenAPI 3.1 document of the contract; needs no server. */
export const apiDocument = () =>
  openApiDocument(contract, {
    ...problemOptions,
    answerHeaders,
    examples,
    anyErrors: ['rate_limited', 'unavailable'],
    paths: (refusals) => ({ ...approvalPaths(refusals), ...questionPaths(refusals), ...inputPaths(refusals) }),
    tags,
    webhooks: webhookPosts,
    securitySchemes: {
      apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'An API key of the workspace.' },
      bearer: { type: 'http', scheme: 'bearer', description: 'The same API key, as `Authorization: Bearer`.' },
    },
    info: {
      title: 'Errand',
      version: packageVersion(),
      license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
      contact: { name: 'The operator of this service' },
      description:
        'Post an intent, say which integrations may be used and for which end user, and get it done. Every request carries an API key in `x-api-key`, or as `Authorization: Bearer`; a key belongs to one workspace and sees nothing of another.',
    },
  });

/** The packages have one version, and the document has it too. */
const packageVersion = (): string =>
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
