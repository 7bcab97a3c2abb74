import type { SigningKeys } from '@errand/basics/signed-token';
import { createRequestStateCodec, type ServerContext } from '@modelcontextprotocol/server';

type StateMembers = Record<string, string>;

/** Signed states of questions to the user of a client, valid for ten minutes and bound to caller and user. The client stores them. */
export type RequestStates = {
  mint(state: StateMembers, context: ServerContext): Promise<string>;
  /** @throws Error if the signature is invalid, or the state has expired or belongs to another caller */
  verify(state: string, context: ServerContext): Promise<StateMembers>;
};

/** @param keys the first key signs, all keys are accepted; the same in all processes */
export function createRequestStates(keys: () => SigningKeys): RequestStates {
  const codecs = () =>
    keys().map((key) =>
      createRequestStateCodec<StateMembers>({ key, bind: ({ http }) => `${http?.authInfo?.clientId}` }),
    );
  return {
    mint: (state, context) => codecs()[0]!.mint(state, context),
    verify: (state, context) => Promise.any(codecs().map((codec) => codec.verify(state, context))),
  };
}
