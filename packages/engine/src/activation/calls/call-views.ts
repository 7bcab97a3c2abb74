import type { CallEnd } from '@errand/plan';
import type { ApprovalResult, StoredCall } from '../../events/frame.ts';
import { inline } from '../../events/step-text.ts';

/** How the events of steps show calls: each by its ledger key when the ledger has its output, else whole, and with its approval. */
export class CallViews {
  readonly #views = new Map<string, StoredCall>();
  readonly #approvals = new Map<string, { approval: ApprovalResult; approvalId?: string }>();

  note(key: string, view: StoredCall): void {
    this.#views.set(key, this.#withApproval(key, view));
  }

  /** Notes the decision about a call, approved or denied. */
  noteApproval(key: string, approval: ApprovalResult, approvalId?: string): void {
    this.#approvals.set(key, { approval, ...(approvalId !== undefined && { approvalId }) });
  }

  /** The view of a call of a tool; undefined for a call without arguments or an outcome. */
  of({ toolCallId, args, outcome }: CallEnd, tool: string): StoredCall | undefined {
    const view = this.#views.get(toolCallId);
    if (view !== undefined || args === undefined || (outcome.kind !== 'failed' && outcome.kind !== 'denied'))
      return view;
    return this.#withApproval(toolCallId, inline({ key: toolCallId, tool, error: outcome, state: outcome.kind }, args));
  }

  /**
   * The approval of a step from its calls: DENIED if one was denied, else APPROVED if one was approved, else NOT_REQUIRED. The field of
   * the event holds one id, so there is none if calls have different approvals.
   */
  approvalOf(keys: readonly string[]): { approval: ApprovalResult['status']; approvalId?: string } {
    const approvals = keys.flatMap((key) => this.#approvals.get(key) ?? []);
    const [first] = approvals;
    const isDenied = approvals.some(({ approval }) => approval.status === 'DENIED');
    const approval = isDenied ? 'DENIED' : first ? 'APPROVED' : 'NOT_REQUIRED';
    const isShared = new Set(approvals.map(({ approvalId }) => approvalId)).size === 1;
    return { approval, ...(isShared && first?.approvalId !== undefined && { approvalId: first.approvalId }) };
  }

  #withApproval(key: string, view: StoredCall): StoredCall {
    const approval = this.#approvals.get(key)?.approval;
    if (!approval) return view;
    if (typeof view === 'string') return { ref: view, approval };
    if ('ref' in view || !view.toolResult) return view;
    return { ...view, toolResult: { ...view.toolResult, approvalResult: approval } };
  }
}
