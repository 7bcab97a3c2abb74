import type { CallEnd } from '@errand/plan';
import type { ApprovalResult, StoredCall } from '../../events/event-json.ts';
import { failedCall } from '../../events/step-text.ts';

/** Renders calls for step events: by ledger key when the ledger has the output, otherwise whole, and with the approval. */
export class CallViews {
  readonly #views = new Map<string, StoredCall>();
  readonly #approvals = new Map<string, { approval: ApprovalResult; approvalId?: string }>();

  note(key: string, view: StoredCall): void {
    this.#views.set(key, this.#withApproval(key, view));
  }

  noteApproval(key: string, approval: ApprovalResult, approvalId?: string): void {
    this.#approvals.set(key, { approval, ...(approvalId !== undefined && { approvalId }) });
  }

  /** Undefined for a call without arguments or an outcome. */
  viewOf({ toolCallId, args, outcome }: CallEnd, tool: string): StoredCall | undefined {
    const view = this.#views.get(toolCallId);
    if (view !== undefined || args === undefined || (outcome.kind !== 'failed' && outcome.kind !== 'denied'))
      return view;
    const failed = failedCall({ key: toolCallId, tool, error: outcome, state: outcome.kind }, args);
    return this.#withApproval(toolCallId, failed);
  }

  /**
   * The approval of a step: DENIED if a call was denied, otherwise APPROVED if one was approved, otherwise NOT_REQUIRED.
   * The event can name one id, so it has none if calls have different approvals.
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
