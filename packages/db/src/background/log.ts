/** Where background work reports; pino's methods fit. */
export interface Log {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}
