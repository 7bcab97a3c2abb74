import { QueryCache, QueryClient } from '@tanstack/react-query';
import { isSignedOut, isTemporary } from './problem.ts';
import { signedOut } from './signed-out.ts';

const MAX_RETRIES = 2;

/** The cache of answers. Live frames say when an answer is old, so that no answer is read again merely because a window has the focus. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (isSignedOut(error)) signedOut.set(true);
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < MAX_RETRIES && isTemporary(error),
    },
    mutations: {
      onError: (error) => {
        if (isSignedOut(error)) signedOut.set(true);
      },
    },
  },
});
