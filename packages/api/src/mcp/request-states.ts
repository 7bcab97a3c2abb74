import type { SigningKeys } from '@errand/basics/signed-token';
import { createRequestStateCodec, type ServerContext } from '@modelcontextprotocol/server';

type State = Record<string, string>;

/** The states of questions to the person at a client. They travel with the client, signed, for ten minutes, bound to caller and user. */
export type RequestStates = {
  mint(state: State, context: ServerContext): Promise<string>;
  /** @throws Error when no key of ours signed it, it has expired, or it is another caller's */
  verify(state: string, context: ServerContext): Promise<State>;
};

/** @param keys the first one signs, all are accepted; the same in all processes */
export function requestStates(keys: () => SigningKeys): RequestStates {
  const codecs = () =>
    keys().map((key) => createRequestStateCodec<State>({ key, bind: ({ http }) => `${http?.authInfo?.clientId}` }));
  return {
    mint: (state, context) => codecs()[0]!.mint(state, context),
    verify: (state, context) => Promise.any(codecs().map((codec) => codec.verify(state, context))),
  };
}
