/** The origins that administrators allow for calls of their workspace. */
export interface AllowedOrigins {
  /** Whether the operator lets administrators allow origins. */
  readonly isEnabled: boolean;
  /** Refuses an origin that no administrator may allow. @throws an error with the code url_not_allowed, and a remedy */
  check(origin: string): Promise<void>;
  /** Applies a change of the workspace at once in this process; other processes apply it within a second. */
  forget(workspaceId: string): void;
}
