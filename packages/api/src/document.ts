import { contract } from '@errand/contracts';
import { openApiDocument } from '@errand/trpc-openapi';
import { approvalPaths } from './approvals/paths.ts';
import { problemOptions } from './mount.ts';

/** The OpenAPI 3.1 document of the contract; needs no server. */
export const apiDocument = () =>
  openApiDocument(contract, {
    ...problemOptions,
    paths: approvalPaths,
    info: {
      title: 'Errand',
      version: '1.0.0',
      description:
        'Post an intent, say which integrations may be used and for which end user, and get it done. Every request carries an API key in `x-api-key`, or as `Authorization: Bearer`; a key belongs to one workspace and sees nothing of another.',
    },
  });
