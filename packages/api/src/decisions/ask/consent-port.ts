/**
 * A link asks for the consent of a user at an integration, or for the consent that a run waits for. The `registrationId` makes it
 * useless for an integration that is registered later under the same id.
 */
export type ConsentLink =
  | { workspaceId: string; customerIntegrationId: string; registrationId: string; userId: string; returnTo?: string }
  | { workspaceId: string; consentId: string };

/** Port: what the consent pages need. */
export interface ConsentPort {
  /** Reads the token of a link; null when it was not signed by this service or has expired. */
  open(token: string): ConsentLink | null;
  /** Makes the token of a link. */
  sign(link: ConsentLink): string;
  /** Whether users may be redirected to an address afterwards. */
  mayReturnTo(url: string): boolean;
}
