export type Finding = { pointer: string; message: string };

/** The document is not usable. Passes from the thread as plain data. */
export class DocumentFault extends Error {
  override readonly name = 'DocumentFault';

  constructor(
    readonly code: 'openapi_invalid' | 'openapi_too_large',
    message: string,
    readonly findings: Finding[] = [],
  ) {
    super(message);
  }
}

export const invalid = (pointer: string, message: string): DocumentFault =>
  new DocumentFault('openapi_invalid', message, [{ pointer, message }]);
