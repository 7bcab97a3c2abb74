/** An error whose message is all that a person needs: the cause, and what to do, in a sentence or two. */
export class ExplainedError extends Error {
  override name = 'ExplainedError';
}
