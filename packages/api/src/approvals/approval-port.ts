import type { SigningKeys } from '@errand/basics/signed-token';

/** What a link leads to. */
export type ApprovalLink = { workspaceId: string; approvalId: string; action: 'approve' | 'deny' };

/** What the pages on which humans decide need of the service. */
export type ApprovalPort = {
  /** Reads the token of a link; null when it is not one of ours. */
  open(token: string): ApprovalLink | null;
  /** Makes the token of a link. */
  sign(link: ApprovalLink): string;
  /** Keys that bind forms to browsers: the first one signs, all are accepted. */
  formKeys(): SigningKeys;
  /** How callers reach the service. */
  publicUrl(): string;
  /** Whether holding a link is enough. Where requesters may not decide themselves nobody knows who holds one, so it is not. */
  linksDecide: boolean;
};
