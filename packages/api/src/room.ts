import { ANSWER_BYTES } from '@errand/engine';

/** Over tRPC an answer is parsed and written once more: half of it, so that others do not wait for long meanwhile. */
const TRPC_BYTES = ANSWER_BYTES / 2;

/** Bytes that each call of a request may answer with. */
export const roomFor = (trpc: boolean, calls: number): number => Math.floor((trpc ? TRPC_BYTES : ANSWER_BYTES) / calls);
