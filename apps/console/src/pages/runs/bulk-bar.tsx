// Several errands: the selected ones run again or are canceled, or all open ones that match the filters are canceled.
import { isTerminal } from '@errand/contracts/labels';
import { useMemo, useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { toast } from '../../controls/toast.tsx';
import type { BulkAct } from '../../manage/bulk/bulk-job.ts';
import { bulkRuns, useStartBulk } from '../../manage/bulk/bulk-runs.ts';
import { useOffReason } from '../../manage/rights.ts';
import { problemFor } from '../../session/problem.ts';
import { useStore } from '../../session/store.ts';
import { useClient } from '../../session/workspace.tsx';
import { CancelDialog } from './cancel-dialog.tsx';
import { findOpenRuns, MAX_CANCELED } from './cancel-runs.ts';
import type { Row, Run } from './live-runs.ts';
import { RerunRunsDialog } from './rerun-dialog.tsx';
import type { RunsSearch } from './search.ts';
import { filtersOf } from './use-runs.ts';

/** The most that one confirmation reruns. */
const MAX_RERUNS = 50;
const MAX_NAME = 120;

type BulkBarProps = {
  picked: ReadonlySet<string>;
  onPick: (picked: ReadonlySet<string>) => void;
  rows: readonly Row[];
  search: RunsSearch;
};

type Asked = { kind: 'rerun'; runs: readonly Run[] } | { kind: 'cancel'; runs: readonly Run[]; isCut: boolean };

/** Shown while errands are selected. */
export function BulkBar({ picked, onPick, rows, search }: BulkBarProps) {
  const client = useClient();
  const [asked, ask] = useState<Asked>();
  const [isFinding, setIsFinding] = useState(false);
  const start = useStartBulk();
  const off = useBulkOff();
  const runs = useMemo(() => rows.flatMap(({ run }) => (picked.has(run.runId) ? [run] : [])), [rows, picked]);
  if (picked.size === 0) return null;
  const ended = runs.filter(({ status }) => isTerminal(status));
  const find = async () => {
    setIsFinding(true);
    try {
      ask({ kind: 'cancel', ...(await findOpenRuns(client, filtersOf(search, Date.now()))) });
    } catch (error) {
      toast(problemFor(error).detail, { isBad: true });
    }
    setIsFinding(false);
  };
  const begin = (act: BulkAct) => {
    if (!asked) return;
    const verb = act.kind === 'rerun' ? 'Rerun' : 'Cancel';
    const items = asked.runs.map(({ runId, intent }) => ({ id: runId, name: intent.slice(0, MAX_NAME) }));
    start(`${verb} ${items.length} ${items.length === 1 ? 'errand' : 'errands'}`, items, act);
    const sent = new Set(items.map(({ id }) => id));
    onPick(new Set([...picked].filter((runId) => !sent.has(runId))));
    ask(undefined);
  };
  return (
    <section
      aria-label="Selected errands"
      className="sticky top-14 z-5 mb-3 flex flex-wrap items-center gap-2 rounded-lg border border-line bg-soft px-3 py-2"
    >
      <span className="font-semibold">{picked.size} selected</span>
      <Button
        offBecause={off ?? (ended.length === 0 ? 'None of the selected errands has ended.' : undefined)}
        onClick={() => ask({ kind: 'rerun', runs: ended.slice(0, MAX_RERUNS) })}
      >
        Rerun these…
      </Button>
      <Button
        look="danger"
        offBecause={off ?? (runs.length > MAX_CANCELED ? `At most ${MAX_CANCELED} at once.` : undefined)}
        onClick={() => ask({ kind: 'cancel', runs, isCut: false })}
      >
        Cancel these…
      </Button>
      <Button offBecause={off} isBusy={isFinding} onClick={() => void find()}>
        Cancel all that match the filters…
      </Button>
      {picked.size < rows.length && (
        <Button look="quiet" onClick={() => onPick(new Set(rows.map(({ run }) => run.runId)))}>
          Select the {rows.length} in the list
        </Button>
      )}
      <Button look="quiet" onClick={() => onPick(new Set())}>
        Select none
      </Button>
      {asked?.kind === 'rerun' && (
        <RerunRunsDialog
          runs={asked.runs}
          leftOut={leftOutText(runs.length, ended.length)}
          onRerun={begin}
          onClose={() => ask(undefined)}
        />
      )}
      {asked?.kind === 'cancel' && (
        <CancelDialog
          count={asked.runs.length}
          isCut={asked.isCut}
          onCancel={() => begin({ kind: 'cancel' })}
          onClose={() => ask(undefined)}
        />
      )}
    </section>
  );
}

/** Why no job can begin; undefined if one can. */
function useBulkOff(): string | undefined {
  const offByRole = useOffReason('runs:write');
  const job = useStore(bulkRuns.job);
  if (offByRole !== undefined) return offByRole;
  if (job?.state === 'sending') return `“${job.title}” is still being sent.`;
  return job?.state === 'stopped' ? `“${job.title}” has stopped. Go on with it or leave it first.` : undefined;
}

function leftOutText(selected: number, ended: number): string | undefined {
  const open = selected - ended;
  const sentences = [
    ...(ended > MAX_RERUNS
      ? [`At most ${MAX_RERUNS} at once: these are the first. The other ${ended - MAX_RERUNS} stay selected.`]
      : []),
    ...(open > 0
      ? [
          `${open} selected ${open === 1 ? 'errand has' : 'errands have'} not ended and ${open === 1 ? 'is' : 'are'} left out.`,
        ]
      : []),
  ];
  return sentences.length > 0 ? sentences.join(' ') : undefined;
}
