// Origins outside the public internet that calls of a workspace may reach.
import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import { doc, listInput, nextCursor, optionalNonEmptyText, optionalText, text } from '../base/fields.ts';
import { Timestamp } from '../base/scalars.ts';

export const MAX_ORIGIN = 300;
/** A host without a wildcard and without a trailing dot. */
export const EXACT_HOST = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])$/;

function isOrigin(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.origin === value && EXACT_HOST.test(url.hostname);
}

const ExactOrigin = z
  .string()
  .max(MAX_ORIGIN)
  .refine(
    isOrigin,
    'Must be an exact origin in lower case, without a path: a scheme, a host and a port, unless it is 80 or 443.',
  )
  .meta(
    doc(
      'Scheme, host and port, without a path; the port only if it is not that of the scheme.',
      'http://10.0.0.7:8080',
    ),
  );

const WorkspaceOrigin = z
  .object({
    origin: text('The origin.', 'http://10.0.0.7:8080'),
    note: optionalText('What it is for.', 'The CRM in our office'),
    createdBy: text('The name of the key or the person that allowed it.', 'Ada'),
    createdAt: Timestamp.meta(doc('When it was allowed.', '2026-01-31T09:30:00.000Z')),
  })
  .meta({ id: 'WorkspaceOrigin', description: 'An origin that calls of the workspace may reach.' });
export type WorkspaceOrigin = z.infer<typeof WorkspaceOrigin>;

const OriginPage = z
  .object({ origins: z.array(WorkspaceOrigin), nextCursor })
  .meta({ id: 'WorkspaceOriginPage', description: 'A page of allowed origins, in alphabetical order.' });

const AllowOriginInput = z
  .strictObject({
    origin: ExactOrigin,
    note: optionalNonEmptyText(500, 'What it is for.', 'The CRM in our office'),
  })
  .meta({ id: 'AllowOrigin', description: 'The origin to allow.' });

export const originOperations = withTag('Instance', {
  origins: query({
    input: listInput('Origins', {}),
    output: OriginPage,
    scope: 'admin',
    errors: codes('invalid_cursor'),
    http: {
      route: 'GET /v1/workspace/origins',
      summary: 'List allowed origins',
      success: 'One page of origins.',
      description:
        'The origins that administrators allow for calls of this workspace, at most 50. They have an effect while ERRAND_WORKSPACE_ORIGINS is true.',
    },
  }),
  allowOrigin: mutation({
    input: AllowOriginInput,
    output: WorkspaceOrigin,
    scope: 'admin',
    errors: codes('url_not_allowed', 'origins_not_enabled', 'origin_limit_reached'),
    http: {
      route: 'PUT /v1/workspace/origins',
      summary: 'Allow an origin',
      success: 'The origin. All processes apply it within two seconds.',
      description:
        'Calls of this workspace may reach the origin, also over plain http, at another port, or at a private address. No administrator can allow link-local addresses, metadata services of clouds, this service or its database; ports of its machine only if the operator opens them. Repeating the request replaces the note.',
    },
  }),
  removeOrigin: mutation({
    input: z.strictObject({
      origin: z.string().min(1).max(MAX_ORIGIN).meta(doc('The origin to remove.', 'http://10.0.0.7:8080')),
    }),
    output: z.null(),
    scope: 'admin',
    errors: codes('not_found'),
    http: {
      route: 'DELETE /v1/workspace/origins',
      status: 204,
      summary: 'Remove an allowed origin',
      success: 'The origin is removed; there is no body.',
      description:
        'New calls are refused and open connections are closed within two seconds in all processes. Calls in flight end normally.',
    },
  }),
});
