import { type AnswerText, answerBytes } from '@errand/engine';
import { type Raw, raw } from '@errand/trpc-openapi';

/** Over tRPC an answer is parsed and written once more: half of it, so that others do not wait for long meanwhile. */
const trpcBytes = answerBytes / 2;

/** Bytes that each call of a request may answer with. */
export const roomFor = (trpc: boolean, calls: number): number => Math.floor((trpc ? trpcBytes : answerBytes) / calls);

/** An answer of the engine as it is sent. */
export async function sent<T>(answer: Promise<AnswerText<T>>): Promise<Raw<T>> {
  return raw<T>((await answer).pieces);
}
