export { tracked } from '@trpc/server';
export { checkValue } from './check-value.ts';
export type { Authorize, Call } from './compile-operation.ts';
export { type ErrorShape, type ErrorTable, type Problem, ProblemError } from './contract.ts';
export { type DocumentOptions, type OpenApiDocument, openApiDocument } from './document/document.ts';
export type { ResponseHeader } from './document/responses.ts';
export {
  NoContent,
  Raw,
  type ReplyOptions,
  raw,
  SseItem,
  type StreamItem,
  sse,
  sseWithoutId,
} from './handler-result.ts';
export { type Handler, type Handlers, type ImplementOptions, implement } from './implement.ts';
export { invalidInput } from './input-errors/invalid-input.ts';
export { type ErrorAnswerOptions, mountProblems, type OnError } from './mount-problems.ts';
export { createProblemRenderer, type ProblemOptions } from './problem.ts';
export { type CreateContext, mountRest, type RestOptions } from './rest/rest.ts';
export type { OpenApiMeta } from './rest/route.ts';
export type { StreamOptions } from './rest/streams.ts';
export { type ServerLimits, serverOptions } from './server.ts';
export { mountTrpc, type TrpcOptions } from './trpc.ts';
