// Origins of web pages that may call this service with user tokens.
import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { doc } from '../base/fields.ts';
import { EXACT_HOST, MAX_ORIGIN } from './origins.ts';

/** Maximum number of origins of a workspace. */
const MAX_ORIGINS = 50;
/** Hosts of which browsers say that they are this machine. */
const LOOPBACK = /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** The reason why a text is not the exact origin of web pages; undefined if it is one. No reason contains a password. */
export function browserOriginFault(text: string): string | undefined {
  if (text === 'null')
    return 'null is the origin of files and sandboxed frames, which every site can make. Serve the page from a host.';
  if (text.includes('*')) return 'A wildcard allows sites that nobody has checked. List each origin.';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || !EXACT_HOST.test(url.hostname))
    return 'An origin has a scheme, a host and perhaps a port, such as https://app.example.com.';
  if (url.username || url.password) return `An origin has no user and no password: write ${url.origin}.`;
  if (url.origin !== text) return `An origin is written as browsers send it, without a path: ${url.origin}.`;
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname))
    return 'Plain http is accepted only for this machine, such as http://localhost:3000. Use https.';
  return undefined;
}

const BrowserOrigin = z
  .string()
  .max(MAX_ORIGIN)
  .superRefine((value, ctx) => {
    const message = browserOriginFault(value);
    if (message !== undefined) ctx.addIssue({ code: 'custom', message });
  })
  .meta(
    doc(
      'Scheme, host and port as browsers send them; the port only if it is not that of the scheme.',
      'https://app.example.com',
    ),
  );

const origins = z
  .array(BrowserOrigin)
  .max(MAX_ORIGINS)
  .meta(doc('The origins. Each must be in ERRAND_CORS_ORIGINS.', ['https://app.example.com']));

const BrowserOrigins = z
  .object({
    origins: z.array(z.string()).meta(doc('The origins, in alphabetical order.', ['https://app.example.com'])),
  })
  .meta({ id: 'BrowserOrigins', description: 'Origins of web pages that may use user tokens of the workspace.' });
export type BrowserOrigins = z.infer<typeof BrowserOrigins>;

const SetBrowserOriginsInput = z
  .strictObject({ origins })
  .meta({ id: 'SetBrowserOrigins', description: 'The complete list.' });

export const browserOriginOperations = withTag('Instance', {
  browserOrigins: query({
    input: z.strictObject({}),
    output: BrowserOrigins,
    scope: 'admin',
    errors: [],
    http: {
      route: 'GET /v1/workspace/browser-origins',
      summary: 'List origins of web pages',
      success: 'The origins.',
      description:
        'Web pages of these origins may call this service from a browser with user tokens of this workspace. Without a list, no page of another origin may.',
    },
  }),
  setBrowserOrigins: mutation({
    input: SetBrowserOriginsInput,
    output: BrowserOrigins,
    scope: 'admin',
    errors: [],
    http: {
      route: 'PUT /v1/workspace/browser-origins',
      summary: 'Set origins of web pages',
      success: 'The origins. All processes apply them within five seconds.',
      description:
        'Replaces the list, at most 50 origins. Each must be in ERRAND_CORS_ORIGINS, which the operator of this service sets. An empty list ends the access of all pages.',
    },
  }),
});
