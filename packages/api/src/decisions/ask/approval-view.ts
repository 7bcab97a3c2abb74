import { sha256 } from '@errand/basics/sha256';
import type { ApprovalView, Json } from '@errand/contracts';
import type { ApprovalRequest } from '@errand/engine';
import { canonicalJson } from '@errand/plan';

/** A decision request as it is shown, with a hash of its plan or arguments. */
export const viewOf = (request: ApprovalRequest): ApprovalView => ({
  ...request,
  argsSha256: sha256(canonicalJson((request.plan ?? request.args ?? null) as unknown as Json)),
});
