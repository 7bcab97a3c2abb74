/** An error whose message tells the user the cause and what to do. It is shown without a stack. */
export class ExplainedError extends Error {
  override name = 'ExplainedError';
}
