import { sha256 } from '@errand/basics/sha256';
import { type Approval, type ApprovalView, type Json, linkPrincipal, type Principal, problem } from '@errand/contracts';
import type { ApprovalRequest } from '@errand/engine';
import { canonicalJson } from '@errand/plan';
import type { ApiDeps } from '../deps.ts';
import type { ClientAddress } from '../limits/failed-attempts.ts';
import type { ApprovalLink } from '../links/approval-links.ts';
import { LinkAccess } from '../links/link-access.ts';
import { findRequester, type RequestDetails } from '../links/requester.ts';
import { type ArgumentField, argumentFields } from '../pages/html/argument-form.ts';
import type { PageFrames } from '../pages/page-frames.ts';
import { LINK_LABEL } from './approval-page.ts';
import { type EditedArgs, editedArgs } from './edited-args.ts';

/** The principal of a link to an approval. */
export const holderOf = ({ approvalId }: ApprovalLink, ip: string): Principal =>
  linkPrincipal(LINK_LABEL, approvalId, ip);

export type DecisionDeps = Pick<ApiDeps, 'db' | 'engine' | 'approvals' | 'processes'> & { frames: PageFrames };

/** Reads the request of a link, and decides it. */
export class LinkDecisions {
  readonly #access: LinkAccess<ApprovalLink>;

  constructor(private readonly deps: DecisionDeps) {
    const { approvals, db, frames, processes } = deps;
    this.#access = new LinkAccess((token) => approvals.open(token), noSuchLink, {
      settings: db.workspaceSettings,
      frames,
      processes,
    });
  }

  /** @throws ProblemError approval_not_found for an invalid token; rate_limited after too many of them */
  open(token: string, client: ClientAddress): ApprovalLink {
    return this.#access.open(token, client);
  }

  /** The request of a link. The audit log gets one entry a minute for each address. */
  async show(link: ApprovalLink, client: ClientAddress): Promise<ApprovalView> {
    const view = viewOf(await this.#request(link));
    if (!this.#access.isAuditDue(link.approvalId, client)) return view;
    const { audit } = this.deps.db.forWorkspace(link.workspaceId, holderOf(link, client.ip));
    await audit.add({ action: 'approval.shown', target: link.approvalId, details: { state: view.state } });
    return view;
  }

  /** The requester, and the integration of the call. */
  async requestDetails({ workspaceId }: ApprovalLink, { runId, tool }: ApprovalView): Promise<RequestDetails> {
    const { db } = this.deps;
    const [requester, integration] = await Promise.all([
      findRequester(db, workspaceId, runId),
      tool === undefined ? null : db.forWorkspace(workspaceId).integrations.get(integrationOf(tool)),
    ]);
    return { ...requester, ...(integration && { integration }) };
  }

  /** The form fields for the arguments of a call; undefined if a form cannot change them. */
  async fields({ workspaceId }: ApprovalLink, { tool, args }: ApprovalView): Promise<ArgumentField[] | undefined> {
    if (tool === undefined || Array.isArray(args)) return undefined;
    const [row] = await this.deps.db.forWorkspace(workspaceId).tools.readByName([integrationOf(tool)], [tool]);
    return row && 'tool' in row ? argumentFields((args ?? {}) as Json, row.tool.inputSchema) : undefined;
  }

  /** The arguments with the changes of a form; undefined if it changed nothing. */
  async edited(link: ApprovalLink, entered: ReadonlyMap<string, string>): Promise<EditedArgs | undefined> {
    const view = viewOf(await this.#request(link));
    const fields = await this.fields(link, view);
    if (!fields) return undefined;
    const edited = editedArgs((view.args ?? {}) as Json, fields, entered);
    const isUnchanged =
      edited.faults.length === 0 && canonicalJson(edited.args) === canonicalJson((view.args ?? {}) as Json);
    return isUnchanged ? undefined : edited;
  }

  /**
   * Decides as the link says.
   * @param shownSha256 SHA-256 of the request that the page showed
   * @throws ProblemError approval_args_changed when it has changed; approval_gone, approval_already_decided, self_approval
   */
  async decide(
    link: ApprovalLink,
    { reason, shownSha256, args }: { reason?: string; shownSha256?: string; args?: { [key: string]: Json } },
    by: Principal,
  ): Promise<Approval> {
    if (shownSha256 !== undefined && viewOf(await this.#request(link)).argsSha256 !== shownSha256) {
      throw problem('approval_args_changed', 'The request changed since you opened this page. Review it again.');
    }
    const { approvalId, action: decision } = link;
    const input = { approvalId, decision, ...(reason && { reason }), ...(args && { args }) };
    return this.deps.engine.decideApproval(link.workspaceId, input, by);
  }

  #request({ workspaceId, approvalId }: ApprovalLink) {
    return this.deps.engine.readApproval(workspaceId, approvalId);
  }
}

/** A decision request with a hash of its plan or arguments. */
const viewOf = (request: ApprovalRequest): ApprovalView => ({
  ...request,
  argsSha256: sha256(canonicalJson((request.plan ?? request.args ?? null) as unknown as Json)),
});

const integrationOf = (tool: string): string => tool.slice(0, tool.indexOf('.'));

export const noSuchLink = () =>
  problem('approval_not_found', 'This approval does not exist, or the link is incomplete.');
