import type { LogoType } from '@errand/contracts';

/** An image, with its type by its first bytes. */
export type Logo = { image: Uint8Array<ArrayBuffer>; type: LogoType };

/** Where the logo of a service may be. */
export type LogoPlaces = {
  workspaceId: string;
  /** The address that its document or MCP server names. */
  logoUrl?: string | undefined;
  /** Where calls go. Variables of users make it unusable. */
  baseUrl: string;
};

/** Reads the logo of a service within seconds; undefined if no usable one is found. Never rejects. */
export type ReadLogo = (places: LogoPlaces) => Promise<Logo | undefined>;
