/** The arguments cannot be turned into a request; the message tells why. */
export class ArgumentsFault extends Error {
  override readonly name = 'ArgumentsFault';

  /** @param code of the outcome */
  constructor(
    message: string,
    readonly code: 'tool_args_invalid' | 'pass_through_refused' = 'tool_args_invalid',
  ) {
    super(message);
  }
}
