import { problem } from '@errand/contracts';
import type { ProblemError } from '@errand/trpc-openapi';
import { type ClientAddress, FailedAttempts, ipPrefix, tooManyFailedAttempts } from '../limits/failed-attempts.ts';
import type { PageFrames } from '../pages/page-frames.ts';

const AUDIT_EVERY_MS = 60_000;
const MAX_AUDITED = 10_000;

/** Settings of workspaces, some seconds old. */
export type KnownSettings = { of(workspaceId: string): { isSuspended: boolean } | undefined };

/** @throws ProblemError workspace_suspended */
export function checkNotSuspended(settings: KnownSettings, workspaceId: string): void {
  if (settings.of(workspaceId)?.isSuspended)
    throw problem('workspace_suspended', 'The workspace of this link is suspended: nothing can be decided now.');
}

/** `processes`: those of the port, which share the limit. */
type LinkAccessDeps = { settings: KnownSettings; frames: PageFrames; processes?: number | undefined };

/** Opens the tokens of links. Limits wrong tokens by address, and the entries of the audit log to one a minute for each link and address. */
export class LinkAccess<Link extends { workspaceId: string }> {
  readonly #failedAttempts: FailedAttempts;
  readonly #audited = new Map<string, number>();

  /** @param read returns null for an invalid token */
  constructor(
    private readonly read: (token: string) => Link | null,
    private readonly noSuchLink: () => ProblemError,
    private readonly deps: LinkAccessDeps,
  ) {
    this.#failedAttempts = new FailedAttempts(deps.processes);
  }

  /** @param client the request @throws ProblemError rate_limited, workspace_suspended, or the error of `noSuchLink` */
  open(token: string, client: ClientAddress): Link {
    const link = this.read(token);
    if (link) {
      this.deps.frames.belongsTo(client, link.workspaceId);
      checkNotSuspended(this.deps.settings, link.workspaceId);
      return link;
    }
    const waitMs = this.#failedAttempts.waitMs(client);
    if (waitMs > 0) throw tooManyFailedAttempts(waitMs, 'links');
    this.#failedAttempts.record(client);
    throw this.noSuchLink();
  }

  /** Whether to add a visit to the audit log. */
  isAuditDue(id: string, client: ClientAddress): boolean {
    const key = `${id} ${ipPrefix(client.ip)}`;
    const now = Date.now();
    if ((this.#audited.get(key) ?? 0) + AUDIT_EVERY_MS > now) return false;
    this.#audited.delete(key);
    this.#audited.set(key, now);
    if (this.#audited.size > MAX_AUDITED) this.#audited.delete(this.#audited.keys().next().value!);
    return true;
  }
}
