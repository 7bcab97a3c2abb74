import type { contract } from '@errand/contracts';
import { applyEntry, withoutEntry } from '../../catalog/apply-entry.ts';
import { entryOf } from '../../catalog/handlers.ts';
import type { Handler } from '../../context.ts';
import { checkVerifyUrl } from '../../links/redirects.ts';
import { refuseIdempotencyKey } from '../../problems.ts';
import { keepLogo } from '../keep-logo.ts';
import { inspectedSource } from './inspect-integration.ts';
import { readSource, registerIntegration } from './register-integration.ts';

/** Reads the operations of a service from its documents or MCP server, and makes each of them a tool. */
export const createIntegration: Handler<typeof contract.integrations.create> = async ({ input, ctx, signal }) => {
  const { deps, workspaceDb, principal } = ctx;
  refuseIdempotencyKey(input.idempotencyKey);
  checkVerifyUrl(deps.consents, input.verifyUrl);
  const entry = input.catalog === undefined ? undefined : await entryOf(deps.catalog, input.catalog);
  const complete = entry ? applyEntry(entry, input) : withoutEntry(input);
  const source =
    complete.inspectionId === undefined ? readSource(complete) : await inspectedSource(workspaceDb, complete);
  const workspace = { workspaceId: principal.workspaceId, workspaceDb };
  const created = await registerIntegration(deps, workspace, { ...complete, source, entry }, signal);
  deps.accessChanged(principal.workspaceId);
  keepLogo({ deps, ...workspace }, created.customerIntegrationId);
  if (input.inspectionId !== undefined) await workspaceDb.inspections.remove(input.inspectionId);
  return created;
};
