import { sha256 } from '@errand/basics/sha256';
import type { ApprovalView, Json } from '@errand/contracts';
import type { ApprovalRequest } from '@errand/engine';
import { canonicalJson } from '@errand/plan';

/** A question as it is shown, with a hash of what would be done. */
export const viewOf = (question: ApprovalRequest): ApprovalView => ({
  ...question,
  argsSha256: sha256(canonicalJson((question.plan ?? question.args ?? null) as unknown as Json)),
});
