export type { ApprovalDoor, ApprovalLink } from './approvals/door.ts';
export type { GivenDeps } from './deps.ts';
export { apiDocument } from './document.ts';
export type { ImportedService, Importer, ImportRequest, TokenPlace } from './importer.ts';
export { type Registration, register } from './integrations/register.ts';
export { type MountOptions, mountApi, problemOptions } from './mount.ts';
