// Cancelling several errands: the selected ones, or all open ones that match the filters.
import { useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { toast } from '../../controls/toast.tsx';
import { problemFor } from '../../session/problem.ts';
import { useClient, useMay } from '../../session/workspace.tsx';
import { cancelRuns, findOpenRuns, MAX_CANCELED } from './cancel-runs.ts';
import type { LiveRuns } from './live-runs.ts';
import type { RunsSearch } from './search.ts';
import { filtersOf } from './use-runs.ts';

type BulkBarProps = {
  picked: ReadonlySet<string>;
  onPick: (picked: ReadonlySet<string>) => void;
  list: LiveRuns;
  search: RunsSearch;
};

type Found = { runIds: string[]; isCut: boolean };

/** Shown while errands are selected. */
export function BulkBar({ picked, onPick, list, search }: BulkBarProps) {
  const client = useClient();
  const mayWrite = useMay('runs:write');
  const [found, setFound] = useState<Found>();
  const [isFinding, setIsFinding] = useState(false);
  if (picked.size === 0) return null;
  const offBecause = mayWrite ? undefined : 'Your role may not cancel errands.';
  const find = async () => {
    setIsFinding(true);
    try {
      setFound(await findOpenRuns(client, filtersOf(search, Date.now())));
    } catch (error) {
      toast(problemFor(error).detail, { isBad: true });
    }
    setIsFinding(false);
  };
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2 rounded-lg border border-line bg-soft px-3 py-2">
      <span className="font-semibold">{picked.size} selected</span>
      <Button look="danger" offBecause={offBecause} onClick={() => setFound({ runIds: [...picked], isCut: false })}>
        Cancel these
      </Button>
      <Button offBecause={offBecause} isBusy={isFinding} onClick={() => void find()}>
        Cancel all that match the filters…
      </Button>
      <Button look="quiet" onClick={() => onPick(new Set())}>
        Select none
      </Button>
      {found && (
        <CancelDialog
          found={found}
          onClose={(isDone) => {
            setFound(undefined);
            if (isDone) onPick(new Set());
            if (isDone) void list.catchUp();
          }}
        />
      )}
    </div>
  );
}

function CancelDialog({ found: { runIds, isCut }, onClose }: { found: Found; onClose: (isDone: boolean) => void }) {
  const client = useClient();
  const [done, setDone] = useState<number>();
  const cancel = async () => {
    setDone(0);
    try {
      const { canceled, ended, refused } = await cancelRuns(client, runIds, setDone);
      toast(`${canceled} canceled, ${ended} had ended already${refused > 0 ? `, ${refused} refused` : ''}.`);
      onClose(true);
    } catch (error) {
      toast(problemFor(error).detail, { isBad: true });
      onClose(true);
    }
  };
  return (
    <Dialog
      title={`Cancel ${runIds.length} ${runIds.length === 1 ? 'errand' : 'errands'}?`}
      onClose={() => onClose(false)}
    >
      <p className="mb-2">
        Calls in progress are aborted. What was done stays done. Errands that have ended stay as they are.
      </p>
      {isCut && <p className="mb-2">More than {MAX_CANCELED} match; these are the newest.</p>}
      {runIds.length === 0 && <p className="mb-2">No open errand matches the filters.</p>}
      <div className="mt-4 flex items-center justify-end gap-2">
        {done !== undefined && (
          <span role="status" className="text-dim">
            {done} of {runIds.length}
          </span>
        )}
        <Button onClick={() => onClose(false)}>Keep them</Button>
        <Button
          look="danger"
          isBusy={done !== undefined}
          offBecause={runIds.length === 0 ? 'There is none.' : undefined}
          onClick={() => void cancel()}
        >
          Cancel {runIds.length}
        </Button>
      </div>
    </Dialog>
  );
}
