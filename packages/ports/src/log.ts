import type { Secret } from '@errand/contracts';

export interface Log {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** Adds a secret to the redaction of the log. Called for every secret that is opened or received. */
export type Redact = (secret: Secret) => void;
