import { openToken, type SigningKeys, signToken } from '@errand/basics/signed-token';
import type { Links } from '@errand/engine';
import { ID_BYTES, uuidFromBytes, uuidToBytes } from './approval-links.ts';

export type QuestionLink = { workspaceId: string; requestId: string };

/** Port of the pages of questions and input requests. */
export type QuestionPort = {
  /** Reads the token of a link; null if this service did not sign it. */
  open(token: string): QuestionLink | null;
};

/** Links to questions and input requests. A signed token contains workspace and request, so links are not stored. */
export function createQuestionLinks(
  keys: () => SigningKeys,
  publicUrl: () => string,
): QuestionPort & Pick<Links, 'questionLink' | 'inputLink'> {
  const link = (page: string) => (workspaceId: string, requestId: string) => {
    const token = signToken(keys(), Buffer.concat([uuidToBytes(workspaceId), uuidToBytes(requestId)]));
    return `${publicUrl()}/v1/runs/${page}?token=${token}`;
  };
  return {
    open(token) {
      const body = openToken(keys(), token);
      if (body?.length !== 2 * ID_BYTES) return null;
      return { workspaceId: uuidFromBytes(body, 0), requestId: uuidFromBytes(body, ID_BYTES) };
    },
    questionLink: link('question'),
    inputLink: link('input'),
  };
}
