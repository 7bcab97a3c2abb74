import { contract, type Inspection, problem, UploadQuery } from '@errand/contracts';
import type { Authorize } from '@errand/trpc-openapi';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Context, maxBytesFor, type RequestContext } from '../../context.ts';
import { validate } from '../../links/submission.ts';
import { inspectSource } from './inspect-integration.ts';
import { bodyWithin, LargeUploads } from './upload-limits.ts';

const CONTENT_TYPES = ['application/json', 'application/yaml', 'application/octet-stream'];

/**
 * Inspects an OpenAPI document that is the body of the request, for documents that are too large for a field of JSON. The body is read as
 * bytes, once the import has a slot for a document of its size.
 */
export function mountUpload(fastify: FastifyInstance, authorize: Authorize<RequestContext, Context>): void {
  const largeUploads = new LargeUploads();
  fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _stream, done) => done(null, undefined));
    scope.post('/v1/integrations/inspect/upload', (request, reply) =>
      inspectUpload(request, reply, { authorize, largeUploads }),
    );
  });
}

async function inspectUpload(
  request: FastifyRequest,
  reply: FastifyReply,
  { authorize, largeUploads }: { authorize: Authorize<RequestContext, Context>; largeUploads: LargeUploads },
): Promise<Inspection> {
  const leaving = new AbortController();
  reply.raw.once('close', () => leaving.abort());
  const { headers, query } = request;
  const ctx = { request, headers, reply, maxBytes: maxBytesFor(false, 1), onClosed: () => {} };
  try {
    const authorized = await authorize({ ctx, op: contract.integrations.inspect, name: 'integrations.inspect' });
    const source = validate(UploadQuery, query);
    const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
    if (!CONTENT_TYPES.includes(type))
      throw problem('unsupported_media_type', `The body is none of ${CONTENT_TYPES.join(', ')}.`);
    const document = bodyWithin(request.raw.iterator({ destroyOnReturn: false }));
    const inspect = () => inspectSource(authorized, { ...source, document }, leaving.signal);
    return await (source.pick ? largeUploads.run(authorized.principal.workspaceId, inspect) : inspect());
  } catch (error) {
    // The rest of the body is discarded, within the time limit of requests, so that the caller can read the answer.
    request.raw.resume();
    throw leaving.signal.aborted ? problem('bad_request', 'The caller has left.', { cause: error }) : error;
  }
}
