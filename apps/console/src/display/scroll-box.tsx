import type { ReactNode, Ref } from 'react';

type ScrollBoxProps = { label: string; className?: string; ref?: Ref<HTMLElement>; children: ReactNode };

/** A region with its own scroll bars. It takes the focus, so that the keyboard can scroll it. */
export const ScrollBox = ({ label, className = '', ref, children }: ScrollBoxProps) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by the keyboard
  <section ref={ref} aria-label={label} tabIndex={0} className={`overflow-auto ${className}`}>
    {children}
  </section>
);
