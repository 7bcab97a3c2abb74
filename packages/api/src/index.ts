export type { ApprovalDoor, ApprovalLink } from './approvals/door.ts';
export type { BegunConsent, Connector, ConsentDoor, ConsentLink, OAuthHints } from './connect/connector.ts';
export type { TrialResult, TryToken } from './connect/try-token.ts';
export type { GivenDeps } from './deps.ts';
export { apiDocument } from './document.ts';
export type { ImportedService, Importer, ImportRequest, OAuthScheme, TokenPlace } from './importer.ts';
export { type Registration, register } from './integrations/register.ts';
export { type MountOptions, mountApi, problemOptions } from './mount.ts';
export type { PassThroughs } from './runs/pass-through.ts';
