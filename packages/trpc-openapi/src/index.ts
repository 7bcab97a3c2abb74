export { tracked } from '@trpc/server';
export {
  NoContent,
  Raw,
  type ReplyOptions,
  raw,
  SseItem,
  type StreamItem,
  sse,
  sseWithoutId,
} from './answer.ts';
export type { Authorize, Call } from './chain.ts';
export { checkValue } from './check.ts';
export { type ErrorShape, type ErrorTable, type Problem, ProblemError } from './contract.ts';
export { type DocumentOptions, type OpenApiDocument, openApiDocument } from './document/document.ts';
export type { AnswerHeader } from './document/response-doc.ts';
export { type ErrorAnswerOptions, mountProblems, type OnError } from './faults.ts';
export { type Handler, type Handlers, type ImplementOptions, implement } from './implement.ts';
export { invalidInput } from './invalid.ts';
export { createProblemRenderer, type ProblemOptions } from './problem.ts';
export { type CreateContext, mountRest, type RestOptions } from './rest/rest.ts';
export type { OpenApiMeta } from './rest/route.ts';
export type { StreamOptions } from './rest/streams.ts';
export { type ServerLimits, serverOptions } from './server.ts';
export { mountTrpc, type TrpcOptions } from './trpc.ts';
