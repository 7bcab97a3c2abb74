// Parts that the panels of all kinds have.
import { mayNotLabels } from '@errand/contracts/labels';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from '../controls/button.tsx';
import { Field, TextInput } from '../controls/field.tsx';
import { ProblemNote } from '../display/problem-note.tsx';
import { Text } from '../display/text.tsx';
import { problemFor } from '../session/problem.ts';
import type { Entry } from './entry.ts';
import { Expiry } from './facts.tsx';
import type { Decision } from './use-decision.ts';

export type PanelProps = {
  entryId: string;
  entry: Entry;
  readAgain: () => void;
  /** After the decision of this person. */
  onDone: (() => void) | undefined;
  /** In the page of its errand: without what that page shows anyway. */
  isCompact: boolean;
};

/** Why the buttons are off; undefined if the person may decide. */
export const offBecause = ({ mayDecide, mayNotBecause }: Entry): string | undefined =>
  mayDecide ? undefined : mayNotBecause ? mayNotLabels[mayNotBecause] : 'This request cannot be decided any more.';

/** Moves to the first field that is not valid, above the buttons. */
export function showFirstFault(within: Element | null | undefined): void {
  const field = within?.querySelector<HTMLElement>('[aria-invalid=true]');
  field?.focus({ preventScroll: true });
  field?.scrollIntoView({ block: 'center' });
}

type BarProps = {
  entry: Entry;
  decision: Pick<Decision, 'error' | 'faults'>;
  children: ReactNode;
  note?: ReactNode;
};

/** The buttons at the lower edge, with the time that is left, and what failed. */
export function DecisionBar({ entry, decision: { error, faults }, children, note }: BarProps) {
  const off = offBecause(entry);
  const ref = useRef<HTMLDivElement>(null);
  const hasFaults = Object.keys(faults).length > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each failed attempt shows its first fault
  useEffect(() => {
    if (hasFaults) showFirstFault(ref.current?.closest('article'));
  }, [hasFaults, error]);
  return (
    <div
      ref={ref}
      className="sticky bottom-0 z-5 -mx-4 mt-1 -mb-4 flex flex-col gap-2 rounded-b-xl border-t border-line bg-pane p-4 max-sm:bottom-14 max-sm:-mx-3 max-sm:-mb-3 max-sm:p-3"
    >
      {hasFaults ? (
        <p role="alert" className="text-bad">
          Some values are not valid. The fields say why.
        </p>
      ) : (
        error != null && problemFor(error).status !== 409 && <ProblemNote error={error} />
      )}
      {off !== undefined && <p className="text-wait">{off}</p>}
      <div className="flex flex-wrap items-center gap-2">{children}</div>
      <p className="flex flex-wrap gap-x-3 text-sm text-dim">
        <Expiry entry={entry} />
        {note ?? <span>A decision cannot be undone.</span>}
      </p>
    </div>
  );
}

type ReasonProps = {
  label: string;
  hint?: string;
  button: string;
  isBusy: boolean;
  onSend: (reason: string) => void;
  onCancel: () => void;
};

/** Asks for an optional reason. Enter sends it, Escape closes it. */
export function ReasonForm({ label, hint, button, isBusy, onSend, onCancel }: ReasonProps) {
  const [reason, setReason] = useState('');
  const ref = useRef<HTMLFormElement>(null);
  useEffect(() => ref.current?.querySelector('input')?.focus(), []);
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSend(reason.trim());
  };
  return (
    <form
      ref={ref}
      onSubmit={send}
      onKeyDown={({ key }) => key === 'Escape' && onCancel()}
      className="flex w-full flex-col gap-2"
    >
      <Field label={label} hint={hint}>
        {(control) => (
          <TextInput {...control} maxLength={2000} value={reason} onChange={({ target }) => setReason(target.value)} />
        )}
      </Field>
      <div className="flex gap-2">
        <Button type="submit" look="danger" isBusy={isBusy} shortcut="Enter">
          {button}
        </Button>
        <Button onClick={onCancel} shortcut="Esc">
          Back
        </Button>
      </div>
    </form>
  );
}

/** A long document, folded. */
export function Folded({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details className="rounded-lg border border-line">
      <summary className="px-3 py-1.5 text-dim">{title}</summary>
      <div className="border-t border-line p-3">{children}</div>
    </details>
  );
}

type ScrollBoxProps = { name: string; className?: string; children: ReactNode };

/** A region that scrolls by keyboard too. */
export const ScrollBox = ({ name, className = 'max-h-80', children }: ScrollBoxProps) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
  <section aria-label={name} tabIndex={0} className={`overflow-auto ${className}`}>
    {children}
  </section>
);

const MAX_SHOWN = 100_000;

export function JsonText({ value }: { value: unknown }) {
  const text = JSON.stringify(value, null, 2) ?? '';
  return (
    <ScrollBox name="JSON">
      <pre className="font-mono text-sm break-all whitespace-pre-wrap">
        <Text>{text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text}</Text>
      </pre>
    </ScrollBox>
  );
}
