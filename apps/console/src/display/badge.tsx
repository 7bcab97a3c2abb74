import type { ReactNode } from 'react';

const LOOKS = {
  plain: 'border-line text-dim',
  good: 'border-good text-good',
  wait: 'border-wait text-wait',
  bad: 'border-bad text-bad',
} as const;

/** A short word about a thing. */
export const Badge = ({ look = 'plain', children }: { look?: keyof typeof LOOKS; children: ReactNode }) => (
  <span className={`inline-flex items-center gap-1 rounded-full border px-2 text-sm whitespace-nowrap ${LOOKS[look]}`}>
    {children}
  </span>
);
