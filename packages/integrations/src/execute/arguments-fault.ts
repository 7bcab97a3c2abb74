/** The arguments cannot become a request; the message says why. */
export class ArgumentsFault extends Error {
  override readonly name = 'ArgumentsFault';

  constructor(
    message: string,
    readonly code: 'tool_args_invalid' | 'pass_through_refused' = 'tool_args_invalid',
  ) {
    super(message);
  }
}
