import type { SigningKeys } from '@errand/basics/signed-token';

export type ApprovalLink = { workspaceId: string; approvalId: string; action: 'approve' | 'deny' };

/** Port: what the approval pages need. */
export type ApprovalPort = {
  /** Reads the token of a link; null when it is not one of ours. */
  open(token: string): ApprovalLink | null;
  /** Makes the token of a link. */
  sign(link: ApprovalLink): string;
  /** Keys that bind forms to browsers: the first one signs, all are accepted. */
  formKeys(): SigningKeys;
  /** The URL of the service. */
  publicUrl(): string;
  /** Whether a link suffices to decide. Not with four eyes: nobody knows whether the requester holds the link. */
  linksDecide: boolean;
};
