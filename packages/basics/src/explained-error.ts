/** Exit code of a program that each further start would end in the same way; EX_CONFIG of sysexits. Supervisors do not start it again. */
export const NO_RESTART_EXIT = 78;

/** An error with a message for users: the cause and the remedy. It is shown without a stack. */
export class ExplainedError extends Error {
  override name = 'ExplainedError';
}

/** An error that ends each further start too. */
export class LastingError extends ExplainedError {
  readonly exitCode = NO_RESTART_EXIT;
}
