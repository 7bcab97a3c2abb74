import { contract, type Inspection, problem, UploadQuery } from '@errand/contracts';
import type { Authorize } from '@errand/trpc-openapi';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Context, maxBytesFor, type RequestContext } from '../context.ts';
import { validate } from '../links/submission.ts';
import { inspectSource } from './inspect-integration.ts';

const CONTENT_TYPES = ['application/json', 'application/yaml', 'application/octet-stream'];

/**
 * Inspects an OpenAPI document that is the body of the request, for documents that are too large for a field of JSON. The body is read as
 * bytes, once the import has a slot for a document of its size.
 */
export function mountUpload(fastify: FastifyInstance, authorize: Authorize<RequestContext, Context>): void {
  fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _stream, done) => done(null, undefined));
    scope.post('/v1/integrations/inspect/upload', (request, reply) => inspectUpload(request, reply, authorize));
  });
}

async function inspectUpload(
  request: FastifyRequest,
  reply: FastifyReply,
  authorize: Authorize<RequestContext, Context>,
): Promise<Inspection> {
  const leaving = new AbortController();
  reply.raw.once('close', () => leaving.abort(new Error('The caller has left.')));
  const { headers, query } = request;
  const ctx = { request, headers, reply, maxBytes: maxBytesFor(false, 1), onClosed: () => {} };
  const authorized = await authorize({ ctx, op: contract.integrations.inspect, name: 'integrations.inspect' });
  const source = validate(UploadQuery, query);
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!CONTENT_TYPES.includes(type))
    throw problem('unsupported_media_type', `The body is none of ${CONTENT_TYPES.join(', ')}.`);
  // After an error the connection stays for the answer, and Node discards the rest of the body.
  const document = request.raw.iterator({ destroyOnReturn: false });
  return inspectSource(authorized, { ...source, document }, leaving.signal).catch((error: unknown) => {
    throw leaving.signal.aborted ? problem('bad_request', 'The caller has left.', { cause: error }) : error;
  });
}
