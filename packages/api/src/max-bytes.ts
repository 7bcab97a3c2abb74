import { ANSWER_BYTES } from '@errand/engine';

/** tRPC parses and serializes an answer once more, so it gets half the size, not to block others for long. */
const TRPC_BYTES = ANSWER_BYTES / 2;

/** Bytes that each call of a request may answer with. */
export const maxBytesFor = (trpc: boolean, calls: number): number =>
  Math.floor((trpc ? TRPC_BYTES : ANSWER_BYTES) / calls);
