import { ANSWER_BYTES } from '@errand/engine';

/** tRPC parses and serializes an answer once more, so it gets half the size: longer work would block other requests. */
const TRPC_BYTES = ANSWER_BYTES / 2;

/** Maximum bytes of the answer to each call of a request. */
export const maxBytesFor = (trpc: boolean, calls: number): number =>
  Math.floor((trpc ? TRPC_BYTES : ANSWER_BYTES) / calls);
