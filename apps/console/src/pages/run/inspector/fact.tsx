import type { ReactNode } from 'react';

/** A name and its value, in a list of two columns. */
export const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt className="text-dim">{name}</dt>
    <dd className="min-w-0 break-words">{children}</dd>
  </>
);
