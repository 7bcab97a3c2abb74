/** The arguments cannot be turned into a request; the message tells why. */
export class ArgumentsFault extends Error {
  override readonly name = 'ArgumentsFault';
}
