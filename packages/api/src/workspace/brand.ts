import { imageTypeOf } from '@errand/basics/image-type';
import { sha256 } from '@errand/basics/sha256';
import { type Brand, MAX_LOGO_BYTES } from '@errand/contracts';
import type { BrandRow, NewLogo } from '@errand/db';
import type { Context, ContractHandlers } from '../context.ts';
import { logoPath } from '../pages/logo-path.ts';
import { invalidField } from '../problems.ts';

/** The name, the color and the logo of the pages for end users. */
export const brandHandlers: Pick<ContractHandlers['workspace'], 'brand' | 'setBrand'> = {
  brand: async ({ ctx }) => toBrand(ctx, await ctx.workspaceDb.brand.get()),
  setBrand: async ({ input: { logo, ...change }, ctx }) => {
    const row = await ctx.workspaceDb.brand.set({ ...change, logo: typeof logo === 'string' ? readLogo(logo) : logo });
    ctx.deps.brands.forget(ctx.principal.workspaceId);
    return toBrand(ctx, row);
  },
};

/** @throws ProblemError validation_failed */
function readLogo(text: string): NewLogo {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw invalidField('/logo', 'The logo is not base64.');
  const image = Buffer.from(text, 'base64');
  if (image.length > MAX_LOGO_BYTES)
    throw invalidField('/logo', `The logo has ${image.length} bytes; at most ${MAX_LOGO_BYTES} are allowed.`, {
      bytes: image.length,
      maxBytes: MAX_LOGO_BYTES,
    });
  const type = imageTypeOf(image);
  if (!type) throw invalidField('/logo', 'The logo is not a PNG, ICO or WebP image.');
  return { image: new Uint8Array(image), type, sha256: sha256(image, 'hex') };
}

function toBrand({ deps, principal: { workspaceId } }: Context, { name, color, logo, updatedAt }: BrandRow): Brand {
  return {
    ...(name !== null && { name }),
    ...(color !== null && { color }),
    ...(logo && {
      logo: {
        contentType: logo.type,
        bytes: logo.bytes,
        sha256: logo.sha256,
        url: deps.approvals.publicUrl() + logoPath(workspaceId, logo.sha256),
      },
    }),
    ...(updatedAt && { updatedAt: updatedAt.toISOString() }),
  };
}
