import type { UserTokenPrincipal } from '@errand/contracts';
import type { Db } from '@errand/db';
import { type CheckedStream, CheckedStreams } from '../limits/checked-streams.ts';
import { tokenEnded } from './refusals.ts';

type Stream = CheckedStream & { workspaceId: string; userTokenId: string };

/** The open streams of user tokens. Ends the streams of ended tokens. */
export const userStreams = (tokens: Pick<Db['userTokens'], 'valid'>) =>
  new CheckedStreams<Stream>(async (open) => {
    const distinct = new Map(open.map(({ workspaceId, userTokenId }) => [userTokenId, { workspaceId, userTokenId }]));
    const valid = await tokens.valid([...distinct.values()]);
    return ({ userTokenId }) => (valid.has(userTokenId) ? undefined : tokenEnded());
  });

/** The stream of a token. @param free frees its slot */
export const streamOfToken = (
  { workspaceId, id }: UserTokenPrincipal,
  free: () => void,
  revoke: CheckedStream['revoke'],
): Stream => ({
  workspaceId,
  userTokenId: id,
  revoke: (reason) => {
    free();
    revoke(reason);
  },
});
