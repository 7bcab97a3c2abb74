/** An error with a message for users: the cause and the remedy. It is shown without a stack. */
export class ExplainedError extends Error {
  override name = 'ExplainedError';
}
