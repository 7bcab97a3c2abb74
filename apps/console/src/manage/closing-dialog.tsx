import type { ReactNode } from 'react';
import { Button } from '../controls/button.tsx';
import { Dialog } from '../controls/dialog.tsx';

/** The outcome of a form, such as a secret that is shown once. */
export const ClosingDialog = ({
  title,
  children,
  onClose,
}: {
  title: string;
  children: ReactNode;
  onClose: () => void;
}) => (
  <Dialog title={title} onClose={onClose}>
    <div className="flex flex-col gap-4">
      {children}
      <Button className="self-end" onClick={onClose}>
        Close
      </Button>
    </div>
  </Dialog>
);
