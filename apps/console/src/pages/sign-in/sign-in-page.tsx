import type { Problem } from '@errand/client/console';
import { useQuery } from '@tanstack/react-query';
import { useRouteContext } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { buttonClass } from '../../controls/button.tsx';
import { returnPath, signInMethods } from '../../session/sign-in.ts';

/** What a person without a session sees. After signing in, the page at the address appears. */
export function SignInPage() {
  const { arrival } = useRouteContext({ from: '__root__' });
  const { data: methods } = useQuery({ queryKey: ['sign-in methods'], queryFn: signInMethods });
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const oidc = methods?.oidc;
  return (
    <main className="mx-auto mt-16 max-w-lg rounded-xl border border-line bg-pane p-6 max-sm:m-4">
      <title>Sign in · Errand</title>
      <h1 ref={heading} tabIndex={-1} className="text-xl font-semibold">
        {arrival.problem ? `${arrival.problem.title}.` : 'You are not signed in'}
      </h1>
      <SignInAdvice problem={arrival.problem} />
      {oidc && (
        <p className="mt-4">
          <a
            className={buttonClass('accent')}
            href={`/console/sign-in/oidc?return=${encodeURIComponent(returnPath())}`}
          >
            Sign in with {oidc.host}
          </a>
        </p>
      )}
    </main>
  );
}

function SignInAdvice({ problem }: { problem: Problem | undefined }) {
  if (problem)
    return (
      <p role="status">
        {problem.detail} {problem.remedy}
      </p>
    );
  return (
    <>
      <p role="status">Open a sign-in link. The operator of this service makes one with:</p>
      <pre className="mt-2 rounded-lg bg-soft p-2 font-mono text-sm break-all whitespace-pre-wrap">
        node apps/server/dist/login-link.js
      </pre>
    </>
  );
}
