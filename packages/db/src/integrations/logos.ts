import type { LogoType } from '@errand/contracts';
import type { NewLogo } from '../brand/brand.ts';
import { queryRow } from '../statements/scope.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';

/** Characters of the SHA-256 of a logo in its path. */
const PREFIX_LENGTH = 32;

export const integrationLogoPath = (workspaceId: string, sha256: string): string =>
  `/v1/logos/${workspaceId}/${sha256.slice(0, PREFIX_LENGTH)}`;

/** The logos of the integrations of a workspace. */
export function integrationLogos(scoped: WorkspaceScope) {
  return {
    /** Stores the logo of a registration, unless it has one or is gone. */
    async put(registrationId: string, { image, type, sha256 }: NewLogo): Promise<void> {
      await queryRow(scoped, {
        text: `UPDATE integration SET logo = $3, logo_type = $4, logo_sha256 = $5
          WHERE workspace_id = $1 AND registration_id = $2 AND logo IS NULL`,
        values: [registrationId, Buffer.from(image), type, sha256],
      });
    },

    /** The image whose SHA-256 begins with the text; null if no integration has it. */
    find: (sha256Prefix: string): Promise<{ image: Buffer; type: LogoType } | null> =>
      queryRow(scoped, {
        text: `SELECT logo AS image, logo_type AS type FROM integration
          WHERE workspace_id = $1 AND starts_with(logo_sha256, $2) LIMIT 1`,
        values: [sha256Prefix],
      }),
  };
}
