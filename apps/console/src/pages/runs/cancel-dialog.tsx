import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { MAX_CANCELED } from './cancel-runs.ts';

type CancelDialogProps = { count: number; isCut: boolean; onCancel: () => void; onClose: () => void };

/** Asks before several errands are canceled. */
export const CancelDialog = ({ count, isCut, onCancel, onClose }: CancelDialogProps) => (
  <Dialog title={`Cancel ${count} ${count === 1 ? 'errand' : 'errands'}?`} onClose={onClose}>
    <p className="mb-2">
      Calls in progress are aborted. What was done stays done. Errands that have ended stay as they are.
    </p>
    {isCut && <p className="mb-2">More than {MAX_CANCELED} match; these are the newest.</p>}
    {count === 0 && <p className="mb-2">No open errand matches the filters.</p>}
    <div className="mt-4 flex items-center justify-end gap-2">
      <Button onClick={onClose}>Keep them</Button>
      <Button look="danger" offBecause={count === 0 ? 'There is none.' : undefined} onClick={onCancel}>
        Cancel {count}
      </Button>
    </div>
  </Dialog>
);
