/** Characters of the SHA-256 of a logo in its address. */
const PREFIX_LENGTH = 32;

/** The path of a logo. It contains a part of the SHA-256, so an address always has the same image. */
export const logoPath = (workspaceId: string, sha256: string): string =>
  `/v1/brand/${workspaceId}/${sha256.slice(0, PREFIX_LENGTH)}`;

/** Whether the parts of a path may be those of a logo. */
export const isLogoPath = (workspaceId: string, prefix: string): boolean =>
  /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(workspaceId) && /^[0-9a-f]{32}$/.test(prefix);
