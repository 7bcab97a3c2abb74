import { unauthenticated } from '../problems.ts';

/** The refusal of a user token that is sent in another way, or to a part of the service that accepts none. */
export const userTokenRefused = () =>
  unauthenticated(
    'A user token is accepted in `Authorization: Bearer` alone, at `/v1` and `/trpc`, and never in a URL.',
    {
      remedy: 'Send the token in the header `Authorization`. If it was part of a URL, mint another one.',
    },
  );

const MINT_ANOTHER = 'Let your server mint another one: POST /v1/user-tokens.';

export const unknownToken = () => unauthenticated('The user token is not valid.', { remedy: MINT_ANOTHER });

/** The answer to a token that has ended, and the last frame of its streams. */
export const tokenEnded = () => unauthenticated('The user token has ended.', { remedy: MINT_ANOTHER });
