// What can be done with a run.
import { isTerminal, scopeLabels } from '@errand/contracts/labels';
import { Bookmark, CalendarClock, Code, Download, RotateCw, Trash2 } from 'lucide-react';
import { Button } from '../../../controls/button.tsx';
import { useMay } from '../../../session/workspace.tsx';
import type { Run } from '../log/phases.ts';
import type { Reading } from '../log/use-run-log.ts';
import { downloadEvents } from './download-events.ts';
import type { RunDialogName } from './run-dialog.tsx';

type RunActionsProps = { run: Run; reading: Reading; onDialog: (name: RunDialogName) => void };

export function RunActions({ run, reading: { log, isComplete }, onDialog }: RunActionsProps) {
  const offBecause = useMay('runs:write') ? undefined : `Your role may not ${scopeLabels['runs:write']}.`;
  return (
    <>
      {!isTerminal(run.status) && (
        <Button look="danger" offBecause={offBecause} onClick={() => onDialog('cancel')}>
          Cancel
        </Button>
      )}
      <Button
        offBecause={offBecause}
        {...(run.waitingOn.length > 0 ? {} : { shortcut: 'r' })}
        onClick={() => onDialog('rerun')}
      >
        <RotateCw size={14} aria-hidden="true" />
        Rerun
      </Button>
      {run.status === 'SUCCESS' && (
        <Button offBecause={offBecause} title="Keep as an action" onClick={() => onDialog('keep')}>
          <Bookmark size={14} aria-hidden="true" />
          <span className="max-lg:sr-only">Keep</span>
        </Button>
      )}
      <Button offBecause={offBecause} title="Create it again and again" onClick={() => onDialog('schedule')}>
        <CalendarClock size={14} aria-hidden="true" />
        <span className="max-lg:sr-only">Schedule</span>
      </Button>
      <Button onClick={() => onDialog('code')}>
        <Code size={14} aria-hidden="true" />
        <span className="max-lg:sr-only">Code</span>
      </Button>
      <Button
        title="Download the events, one line of JSON each"
        offBecause={isComplete ? undefined : 'The events are being read.'}
        onClick={() => void downloadEvents(run.runId, log)}
      >
        <Download size={14} aria-hidden="true" />
        <span className="max-lg:sr-only">JSONL</span>
      </Button>
      {isTerminal(run.status) && (
        <Button look="danger" title="Delete" offBecause={offBecause} onClick={() => onDialog('delete')}>
          <Trash2 size={14} aria-hidden="true" />
          <span className="max-lg:sr-only">Delete</span>
        </Button>
      )}
    </>
  );
}
