import type { ReactNode } from 'react';

/** A list of names and values. */
export const Facts = ({ children }: { children: ReactNode }) => (
  <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1.5 rounded-xl border border-line bg-pane p-3 max-sm:grid-cols-1 max-sm:gap-y-0.5">
    {children}
  </dl>
);

export const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt className="text-dim max-sm:mt-1">{name}</dt>
    <dd className="min-w-0 break-words">{children}</dd>
  </>
);
