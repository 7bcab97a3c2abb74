import { problem } from '@errand/contracts';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { FailedAttempts, tooManyFailedAttempts } from '../limits/failed-attempts.ts';
import { isLogoPath } from '../pages/logo-path.ts';

/** An image of a stranger: browsers neither guess its type nor run anything in it. */
const LOGO_HEADERS = {
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'cross-origin',
  'cache-control': 'public, max-age=31536000, immutable',
};

type StoredLogo = { image: Buffer; type: string };

const noSuchLogo = () => problem('not_found', 'There is no such logo.');

/**
 * `/v1/brand/…` and `/v1/logos/…`: the logos of workspaces and of integrations, for pages. They are public, so wrong addresses are limited
 * as wrong links are.
 */
export function mountLogos(fastify: FastifyInstance, { db, processes }: Pick<ApiDeps, 'db' | 'processes'>): void {
  const failedAttempts = new FailedAttempts(processes);
  const serve = (path: string, find: (workspaceId: string, hash: string) => Promise<StoredLogo | null>) =>
    fastify.get<{ Params: { workspaceId: string; hash: string } }>(
      `${path}/:workspaceId/:hash`,
      async ({ params: { workspaceId, hash }, ip }, reply) => {
        if (!isLogoPath(workspaceId, hash)) throw noSuchLogo();
        const waitMs = failedAttempts.waitMs({ ip });
        if (waitMs > 0) throw tooManyFailedAttempts(waitMs, 'addresses of logos');
        const logo = await find(workspaceId, hash);
        if (logo) return reply.headers(LOGO_HEADERS).type(logo.type).send(logo.image);
        failedAttempts.record({ ip });
        throw noSuchLogo();
      },
    );
  serve('/v1/brand', (workspaceId, hash) => db.forWorkspace(workspaceId).brand.logo(hash));
  serve('/v1/logos', (workspaceId, hash) => db.forWorkspace(workspaceId).integrations.logos.find(hash));
}
