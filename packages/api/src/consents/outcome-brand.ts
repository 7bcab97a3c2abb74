import { openToken, signToken } from '@errand/basics/signed-token';
import type { FastifyRequest } from 'fastify';
import { type ApprovalPort, uuidFromBytes, uuidToBytes } from '../links/approval-links.ts';
import type { PageFrames } from '../pages/page-frames.ts';

type Deps = { approvals: Pick<ApprovalPort, 'formKeys'>; frames: PageFrames };

const CONTEXT = 'brand of the last page';

/** A token with which the last page of a consent shows the brand of the workspace; undefined if there is no brand. */
export async function outcomeBrand(
  { approvals, frames }: Deps,
  request: FastifyRequest,
  workspaceId: string,
): Promise<string | undefined> {
  const { brand } = await frames.of(request);
  return brand && signToken(approvals.formKeys(), uuidToBytes(workspaceId), CONTEXT);
}

/** Notes the workspace in the token of the last page. Only this service can write one, so strangers cannot look for workspaces. */
export function noteOutcomeBrand({ approvals, frames }: Deps, request: FastifyRequest, token: unknown): void {
  const body = typeof token === 'string' ? openToken(approvals.formKeys(), token, CONTEXT) : null;
  if (body) frames.belongsTo(request, uuidFromBytes(body, 0));
}
