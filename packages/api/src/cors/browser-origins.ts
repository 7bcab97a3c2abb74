import { RecentCache } from '@errand/basics/cache/recent-cache';
import {
  browserOriginFault,
  type CallerPrincipal,
  type PlatformPrincipal,
  problem,
  type SessionPrincipal,
} from '@errand/contracts';
import type { Db } from '@errand/db';
import { allowedOrigins } from '../console/console-port.ts';

/** Changes by this process apply at once; changes by other processes within this time. */
const TTL_MS = 5000;
const MAX_WORKSPACES = 10_000;

const PUT = 'PUT /v1/workspace/browser-origins';
const SETTING = 'ERRAND_CORS_ORIGINS';

type Caller = CallerPrincipal | SessionPrincipal | PlatformPrincipal;

/** Origins of web pages that may call the service: the origins of the setting that a workspace lists. */
export class BrowserOrigins {
  readonly #lists = new RecentCache<readonly string[]>(TTL_MS, MAX_WORKSPACES);

  constructor(
    private readonly db: Pick<Db, 'forWorkspace'>,
    private readonly offered: readonly string[],
    private readonly publicUrl: () => string,
  ) {}

  /** Applies a change of the workspace at once in this process. */
  forget(workspaceId: string): void {
    this.#lists.forget(workspaceId);
  }

  /** @throws ProblemError validation_failed for origins that the operator does not offer */
  checkOffered(origins: readonly string[]): void {
    // The setting contains origins of other workspaces, so the refusal does not list it.
    const reasonOf = (origin: string) =>
      this.offered.length > 0
        ? `${SETTING} does not allow ${origin}.`
        : `${SETTING} is not set: no page of another origin may call this service.`;
    const errors = origins.flatMap((origin, index) =>
      this.offered.includes(origin) ? [] : [{ pointer: `/origins/${index}`, message: reasonOf(origin) }],
    );
    if (errors[0]) {
      const remedy = `Send other origins, or the operator of this service adds these to ${SETTING} and restarts it.`;
      throw problem('validation_failed', errors[0].message, { errors, remedy });
    }
  }

  /**
   * Checks the `Origin` of a request, which only browsers send.
   * @throws ProblemError key_in_browser, origin_not_allowed
   */
  async check(origin: string, caller: Caller): Promise<void> {
    if (this.#isOwn(origin)) return;
    // Only exact origins are repeated in an answer: the header may contain any text.
    const page = browserOriginFault(origin) === undefined ? `a page of ${origin}` : 'a page of another site';
    if (caller.kind === 'api_key' || caller.kind === 'platform')
      throw problem('key_in_browser', `Keys belong on a server, and this one was sent by ${page}.`);
    const isListed = 'workspaceId' in caller && (await this.#listOf(caller.workspaceId)).includes(origin);
    if (isListed && this.offered.includes(origin)) return;
    const remedy = this.offered.includes(origin)
      ? `An administrator of the workspace adds the origin with ${PUT}.`
      : `The operator of this service adds the origin to ${SETTING}, then an administrator of the workspace uses ${PUT}.`;
    throw problem('origin_not_allowed', `The workspace of the token does not list the origin of ${page}.`, { remedy });
  }

  #listOf = (workspaceId: string) =>
    this.#lists.get(workspaceId, '', () => this.db.forWorkspace(workspaceId).browserOrigins.list());

  #isOwn = (origin: string): boolean =>
    allowedOrigins({ origins: () => [this.publicUrl()] }).some((own) => own.origin === origin);
}
