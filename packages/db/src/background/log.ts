/** The log of background work; pino implements it. */
export interface Log {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}
