import type { ReactNode } from 'react';
import { Button } from '../controls/button.tsx';
import { Dialog } from '../controls/dialog.tsx';
import { ProblemNote } from '../display/problem-note.tsx';
import { useAct } from './use-act.ts';

type FormDialogProps<T> = {
  title: string;
  /** The fields. */
  children: ReactNode;
  /** The word on the button: "Create". */
  verb: string;
  /** More buttons, such as that for the code of the same call. */
  actions?: ReactNode;
  act: () => Promise<T>;
  /** Why the form cannot be sent as it is. */
  offBecause?: string | undefined;
  done?: string;
  refresh: readonly (readonly unknown[])[];
  onClose: () => void;
  /** Called with the answer. Without it the dialog closes. */
  onDone?: (answer: T) => void;
  isWide?: boolean;
};

/** A form in a dialog. The problem of a refused call is shown below the fields. */
export function FormDialog<T>({
  title,
  children,
  verb,
  actions,
  isWide = false,
  offBecause,
  onClose,
  ...rest
}: FormDialogProps<T>) {
  const { run, isBusy, error } = useAct({ showsProblem: true, onDone: onClose, ...rest });
  return (
    <Dialog title={title} onClose={onClose} isWide={isWide}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy && offBecause === undefined) run();
        }}
      >
        {children}
        {error != null && <ProblemNote error={error} />}
        <div className="flex flex-wrap justify-end gap-2">
          {actions}
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look="accent" isBusy={isBusy} offBecause={offBecause}>
            {verb}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
