import { useQueryClient } from '@tanstack/react-query';
import { Outlet, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { Toasts } from '../controls/toast.tsx';
import { SignInPage } from '../pages/sign-in/sign-in-page.tsx';
import { signedOut } from '../session/signed-out.ts';
import { useStore } from '../session/store.ts';
import { onTokenChange } from '../session/token.ts';

/** Every page; without a session, the page to sign in, at the same address. */
export function Root() {
  const isSignedOut = useStore(signedOut);
  const queries = useQueryClient();
  const router = useRouter();
  useEffect(
    () =>
      onTokenChange(() => {
        signedOut.set(false);
        queries.clear();
        void router.invalidate();
      }),
    [queries, router],
  );
  return (
    <>
      {isSignedOut ? <SignInPage /> : <Outlet />}
      <Toasts />
    </>
  );
}
