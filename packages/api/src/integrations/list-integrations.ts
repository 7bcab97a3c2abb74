// The lists of integrations and of their tools. Both can be large, so they are sent as text.
import type { contract, Integration, IntegrationPage, ToolList } from '@errand/contracts';
import type { IntegrationPosition, ToolPosition } from '@errand/db';
import { AnswerText } from '@errand/engine';
import { raw } from '@errand/trpc-openapi';
import type { Context, Handler } from '../context.ts';
import { orNotFound } from '../problems.ts';
import { withNewer } from './newer-entry.ts';

export const MAX_PAGE_SIZE = 1000;
/** Bytes of the state of a user's credential in a list. */
const MAX_STATE_BYTES = 300;

/** Over REST, a request without `pageSize` and `cursor` gets the bare array, as of the original API. */
export const listIntegrations: Handler<typeof contract.integrations.list> = ({
  input: { pageSize, cursor, ...filters },
  ctx,
  reply,
}) =>
  ctx.deps.largeAnswers.send(ctx, async () => {
    const { active, userId } = filters;
    const limit = pageSize ?? MAX_PAGE_SIZE;
    const list = { name: 'integrations.list', ownerId: ctx.principal.workspaceId, filters };
    const maxBytes = ctx.maxBytes - (userId === undefined ? 0 : limit * MAX_STATE_BYTES);
    const after = ctx.deps.lists.open<IntegrationPosition>(list, cursor);
    const query = { after, limit, maxBytes, ...(active !== 'all' && { active }) };
    const { integrations, next } = await ctx.workspaceDb.integrations.list(query);
    const current = await Promise.all(integrations.map((one) => withNewer(ctx.deps.catalog, one)));
    const listed = userId === undefined ? current : await withStates(ctx, current, userId);
    const text = JSON.stringify(listed);
    if (pageSize === undefined && cursor === undefined) reply({ body: raw(text) });
    return pageText<IntegrationPage>('integrations', [text], next && ctx.deps.lists.sign(list, next));
  });

async function withStates({ workspaceDb }: Context, listed: readonly Integration[], userId: string) {
  const ids = listed.map(({ customerIntegrationId }) => customerIntegrationId);
  const states = await workspaceDb.credentials.statesOfUser(userId, ids);
  return listed.map((integration) => {
    const user = states.get(integration.customerIntegrationId);
    return user ? { ...integration, user } : integration;
  });
}

type ToolsPage = { customerIntegrationId: string; pageSize: number; cursor?: string | undefined };

/** Sends a page of the tools of an integration. @throws ProblemError not_found, invalid_cursor */
export const sendTools = (ctx: Context, { customerIntegrationId, pageSize: limit, cursor }: ToolsPage) =>
  ctx.deps.largeAnswers.send(ctx, async () => {
    const { lists } = ctx.deps;
    const filters = { customerIntegrationId };
    const list = { name: 'integrations.tools', ownerId: ctx.principal.workspaceId, filters };
    const after = toPosition(lists.open<ToolCursor>(list, cursor));
    const sign = ({ position, operation }: ToolPosition) => lists.sign(list, [position, operation]);
    const path = `/v1/integrations/${customerIntegrationId}/tools`;
    const pathAfter = (before?: ToolPosition) => (before ? `${path}?cursor=${sign(before)}` : path);
    const page = { after, limit, maxBytes: ctx.maxBytes, pathAfter };
    const listed = await ctx.workspaceDb.tools.list(customerIntegrationId, page);
    const { pieces, next } = orNotFound(listed, 'integration');
    return pageText<ToolList>('tools', pieces, next && sign(next));
  });

type ToolCursor = readonly [position: number, operation: string];

const toPosition = (cursor: ToolCursor | undefined): ToolPosition | undefined =>
  cursor && { position: cursor[0], operation: cursor[1] };

const pageText = <T>(member: string, pieces: readonly string[], nextCursor: string | undefined): AnswerText<T> => {
  const end = nextCursor === undefined ? '}' : `,"nextCursor":${JSON.stringify(nextCursor)}}`;
  return new AnswerText<T>([`{"${member}":`, ...pieces, end]);
};
