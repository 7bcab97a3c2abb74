import { type Approval, type ApprovalView, linkHolder, type Principal, problem } from '@errand/contracts';
import type { ApiDeps } from '../../deps.ts';
import type { ApprovalLink } from '../ask/approval-port.ts';
import { viewOf } from '../ask/approval-view.ts';
import { type Visitor, Visits } from './visits.ts';

/** The principal of a link to an approval. */
export const holderOf = ({ approvalId }: ApprovalLink, ip: string): Principal => linkHolder('a link', approvalId, ip);

type Deps = Pick<ApiDeps, 'db' | 'engine' | 'approvals'>;

/** Reads the request of a link, and decides it. */
export class LinkDecisions {
  readonly #deps: Deps;
  readonly #visits: Visits<ApprovalLink>;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#visits = new Visits((token) => deps.approvals.open(token), noSuchLink);
  }

  /** @throws ProblemError approval_not_found for every other text; rate_limited for too many of them */
  open(token: string, from: Visitor): ApprovalLink {
    return this.#visits.open(token, from);
  }

  /** The request of a link. Written to the audit log once a minute for each address. */
  async show(link: ApprovalLink, from: Visitor): Promise<ApprovalView> {
    const view = viewOf(await this.#request(link));
    if (!this.#visits.isNew(link.approvalId, from)) return view;
    const { audit } = this.#deps.db.forWorkspace(link.workspaceId, holderOf(link, from.ip));
    await audit.add({ action: 'approval.shown', target: link.approvalId, details: { state: view.state } });
    return view;
  }

  /** The name of the integration of a tool. */
  async integrationName({ workspaceId }: ApprovalLink, tool: string | undefined): Promise<string | undefined> {
    if (tool === undefined) return undefined;
    const id = tool.slice(0, tool.indexOf('.'));
    return (await this.#deps.db.forWorkspace(workspaceId).integrations.get(id))?.name;
  }

  /**
   * Decides as the link says.
   * @param seen SHA-256 of the request that the page showed
   * @throws ProblemError approval_args_changed when it has changed; approval_gone, approval_already_decided, self_approval
   */
  async decide(
    link: ApprovalLink,
    { reason, seen }: { reason?: string; seen?: string },
    by: Principal,
  ): Promise<Approval> {
    if (seen !== undefined && viewOf(await this.#request(link)).argsSha256 !== seen) {
      throw problem('approval_args_changed', 'What would be done is no longer what was shown. Check it again.');
    }
    const { approvalId, action: decision } = link;
    const input = { approvalId, decision, ...(reason && { reason }) };
    return this.#deps.engine.decideApproval(link.workspaceId, input, by);
  }

  #request({ workspaceId, approvalId }: ApprovalLink) {
    return this.#deps.engine.approval(workspaceId, approvalId);
  }
}

export const noSuchLink = () =>
  problem('approval_not_found', 'There is no such approval. Ask for a new link, or check that it was copied whole.');
