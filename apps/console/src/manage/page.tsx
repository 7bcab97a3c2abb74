// The frame of pages that set something up or look back.
import { type ReactNode, useId } from 'react';

type PageProps = {
  title: string;
  /** The title where a stranger wrote it, as `<Text>`. */
  heading?: ReactNode;
  /** A link to the list that the page belongs to. */
  back?: ReactNode;
  /** What the page is for, in a sentence or two. */
  about?: ReactNode;
  /** Buttons of the whole page. */
  actions?: ReactNode;
  children: ReactNode;
};

export const Page = ({ title, heading = title, back, about, actions, children }: PageProps) => (
  <div className="flex min-w-0 flex-col gap-4">
    <title>{`${title} · Errand`}</title>
    {back}
    <div className="flex flex-wrap items-center gap-2">
      <h1 className="mr-auto min-w-0 text-xl font-semibold break-words">{heading}</h1>
      {actions}
    </div>
    {about !== undefined && <p className="max-w-3xl text-dim">{about}</p>}
    {children}
  </div>
);

/** A part of a page with a heading. */
export function Section({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="flex min-w-0 flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <h2 id={id} className="mr-auto text-lg font-semibold">
          {title}
        </h2>
        {actions}
      </div>
      {children}
    </section>
  );
}
