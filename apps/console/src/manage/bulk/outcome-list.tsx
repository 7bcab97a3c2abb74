import type { ReactNode } from 'react';
import { ScrollBox } from '../../display/scroll-box.tsx';
import { Text } from '../../display/text.tsx';

export type ItemOutcome = { isDone: boolean; text: string /** A way to what it led to. */; link?: ReactNode };

type OutcomeListProps<T> = {
  /** Of the list: "Calls". */
  label: string;
  items: readonly T[];
  keyOf: (item: T) => string;
  /** What the item is. */
  children: (item: T) => ReactNode;
  /** Undefined before the service has answered. */
  outcomeOf: (item: T) => ItemOutcome | undefined;
};

/** Items of a common act, each with its outcome. */
export const OutcomeList = <T,>({ label, items, keyOf, children, outcomeOf }: OutcomeListProps<T>) => (
  <ScrollBox label={label} className="max-h-[50dvh] rounded-lg border border-line">
    <ol className="flex flex-col divide-y divide-line">
      {items.map((item) => (
        <li key={keyOf(item)} className="px-3 py-2 break-words whitespace-pre-wrap">
          {children(item)}
          <OutcomeLine outcome={outcomeOf(item)} />
        </li>
      ))}
    </ol>
  </ScrollBox>
);

function OutcomeLine({ outcome }: { outcome: ItemOutcome | undefined }) {
  if (!outcome) return null;
  return (
    <span className={`block ${outcome.isDone ? 'font-semibold text-good' : 'text-bad'}`}>
      <Text>{outcome.text}</Text> {outcome.link}
    </span>
  );
}
