import type { LogoType } from '@errand/contracts';
import { auditEntry } from '../audit/write.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';

export type LogoRow = { type: LogoType; sha256: string; bytes: number };
export type BrandRow = { name: string | null; color: string | null; logo: LogoRow | null; updatedAt: Date | null };

const NO_BRAND: BrandRow = { name: null, color: null, logo: null, updatedAt: null };

/** A changed logo. */
export type NewLogo = { image: Uint8Array<ArrayBuffer>; type: LogoType; sha256: string };
/** Absent parts stay; null removes one. */
export type BrandChange = {
  name?: string | null | undefined;
  color?: string | null | undefined;
  logo?: NewLogo | null | undefined;
};

/** The brand of a workspace. Only `logo` reads the image. */
export function brand(scoped: WorkspaceScope) {
  const { prisma, workspaceId, pool } = scoped;
  const read = async (): Promise<BrandRow> => {
    const { rows } = await pool.query<BrandRow & { type: LogoType | null; sha256: string; bytes: number }>({
      name: 'brand',
      text: `SELECT name, color, logo_type AS type, logo_sha256 AS sha256, octet_length(logo) AS bytes, updated_at AS "updatedAt"
        FROM workspace_brand WHERE workspace_id = $1`,
      values: [workspaceId],
    });
    const [row] = rows;
    if (!row) return NO_BRAND;
    const { type, sha256, bytes, ...others } = row;
    return { ...others, logo: type && { type, sha256, bytes } };
  };
  return {
    get: read,
    async set({ name, color, logo }: BrandChange): Promise<BrandRow> {
      const image = logo && { logo: logo.image, logoType: logo.type, logoSha256: logo.sha256 };
      const data = {
        ...(name !== undefined && { name }),
        ...(color !== undefined && { color }),
        ...(logo !== undefined && (image ?? { logo: null, logoType: null, logoSha256: null })),
      };
      if (Object.keys(data).length === 0) return read();
      // The entry has no image.
      const details = {
        name,
        color,
        logo: logo && { contentType: logo.type, sha256: logo.sha256, bytes: logo.image.length },
      };
      await prisma.$transaction(async (tx) => {
        await tx.workspaceBrand.upsert({ where: { workspaceId }, create: { workspaceId, ...data }, update: data });
        await tx.audit.create(auditEntry(scoped, 'workspace.brand_changed', workspaceId, details));
      });
      return read();
    },

    /** The image with this SHA-256; null if the workspace has another logo, or none. */
    async logo(sha256Prefix: string): Promise<{ image: Buffer; type: LogoType } | null> {
      const { rows } = await pool.query<{ image: Buffer; type: LogoType }>({
        name: 'brand_logo',
        text: `SELECT logo AS image, logo_type AS type FROM workspace_brand
          WHERE workspace_id = $1 AND starts_with(logo_sha256, $2)`,
        values: [workspaceId, sha256Prefix],
      });
      return rows[0] ?? null;
    },
  };
}
