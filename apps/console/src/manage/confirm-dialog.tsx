import { type ReactNode, useState } from 'react';
import { Button } from '../controls/button.tsx';
import { Dialog } from '../controls/dialog.tsx';
import { Field, TextInput } from '../controls/field.tsx';
import { ProblemNote } from '../display/problem-note.tsx';
import { useAct } from './use-act.ts';

type ConfirmDialogProps = {
  title: string;
  /** The consequences. */
  children: ReactNode;
  /** The word on the button: "Delete". */
  verb: string;
  look?: 'danger' | 'accent';
  /** A name that must be typed first, for what cannot be undone. */
  typed?: string;
  act: () => Promise<unknown>;
  /** Said after success. */
  done?: string;
  refresh: readonly (readonly unknown[])[];
  onClose: () => void;
  onDone?: () => void;
};

/** Asks before something is removed or ended. */
export function ConfirmDialog({
  title,
  children,
  verb,
  look = 'danger',
  typed,
  act,
  done,
  refresh,
  onClose,
  onDone,
}: ConfirmDialogProps) {
  const [text, setText] = useState('');
  const { run, isBusy, error } = useAct({
    act,
    ...(done !== undefined && { done }),
    refresh,
    showsProblem: true,
    onDone: () => {
      onClose();
      onDone?.();
    },
  });
  const isTyped = typed === undefined || text === typed;
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (isTyped && !isBusy) run();
        }}
      >
        <div className="flex flex-col gap-2 break-words">{children}</div>
        {typed !== undefined && (
          <Field label={`Type ${typed} to confirm`}>
            {(control) => (
              <TextInput {...control} data-first-focus value={text} onChange={({ target }) => setText(target.value)} />
            )}
          </Field>
        )}
        {error != null && <ProblemNote error={error} />}
        <div className="flex justify-end gap-2">
          <Button {...(typed === undefined && { 'data-first-focus': true })} onClick={onClose}>
            Back
          </Button>
          <Button
            type="submit"
            look={look}
            isBusy={isBusy}
            offBecause={isTyped ? undefined : 'The typed text differs.'}
          >
            {verb}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
