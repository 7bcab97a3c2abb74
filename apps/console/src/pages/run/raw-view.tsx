// Everything as files, and the small parts as JSON.
import { Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../controls/button.tsx';
import { CopyButton } from '../../display/copy-button.tsx';
import { downloadJson } from '../../display/download.ts';
import { JsonView } from '../../display/json-view.tsx';
import { Folded } from '../../display/value.tsx';
import { downloadEvents } from './actions/download-events.ts';
import { Fact } from './inspector/fact.tsx';
import type { RunLog } from './log/log.ts';
import type { Plan, Run } from './log/phases.ts';

type RawViewProps = { run: Run; log: RunLog; isComplete: boolean; plan: Plan | undefined };

export function RawView({ run, log, isComplete, plan }: RawViewProps) {
  const { events: _, ...head } = run;
  const name = run.runId.slice(-6);
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap gap-2">
        <Button
          offBecause={isComplete ? undefined : 'The events are being read.'}
          onClick={() => void downloadEvents(run.runId, log)}
        >
          <Download size={14} aria-hidden="true" />
          {log.events.length.toLocaleString()} events (JSONL)
        </Button>
        <Button onClick={() => downloadJson(`errand-${name}`, head)}>
          <Download size={14} aria-hidden="true" />
          Errand (JSON)
        </Button>
        <Button
          offBecause={plan ? undefined : 'There is no plan yet.'}
          onClick={() => downloadJson(`plan-${name}`, plan)}
        >
          <Download size={14} aria-hidden="true" />
          Plan (JSON)
        </Button>
      </div>
      <Ids run={run} />
      <Part title="Errand">
        <JsonView value={head} fileName={`errand-${name}`} openDepth={1} />
      </Part>
      {plan && (
        <Part title="Plan">
          <JsonView value={plan.plan} fileName={`plan-${name}`} openDepth={1} />
        </Part>
      )}
    </div>
  );
}

function Ids({ run }: { run: Run }) {
  const ids = { Errand: run.runId, Plan: run.executionPlanId, 'Repeat key': run.repeatKey, Schedule: run.scheduleId };
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] items-center gap-x-4">
      {Object.entries(ids).map(
        ([name, id]) =>
          id !== undefined && (
            <Fact key={name} name={name}>
              <code className="font-mono text-sm break-all">{id}</code>{' '}
              <CopyButton text={id} name={`the id: ${name}`} />
            </Fact>
          ),
      )}
    </dl>
  );
}

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <section aria-label={title}>
    <Folded label={`${title} as JSON`}>{() => children}</Folded>
  </section>
);
