import type { Outputs } from '@errand/client/console';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Button } from '../../controls/button.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { Ago, duration } from '../../display/time.tsx';
import { Facts } from '../../manage/facts.tsx';
import { Skeleton, Table } from '../../manage/list-view.tsx';
import { Page, Section } from '../../manage/page.tsx';
import { sessionClient } from '../../session/clients.ts';
import { SettingsTable } from './settings-table.tsx';

type Status = Outputs['system']['status'];
/** The answer itself may be five seconds old. */
const READ_AGAIN_MS = 10_000;

/** The state of the instance: versions, workers, queue, database, and settings. */
export function InstanceStatusPage() {
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['system status'],
    queryFn: ({ signal }) => sessionClient.system.status.query({}, { signal }),
    refetchInterval: READ_AGAIN_MS,
  });
  return (
    <Page
      title="System status"
      actions={
        <Button isBusy={isFetching} onClick={() => void refetch()}>
          Read again
        </Button>
      }
    >
      {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton label="Versions and workers" />}
      {data && (
        <>
          <Warnings status={data} />
          <Service status={data} />
          <Queue status={data} />
          <Database status={data} />
        </>
      )}
      <SettingsTable />
    </Page>
  );
}

/** A part that the database did not show, as a word. */
const known = <T,>(part: T | 'unknown', show: (part: T) => ReactNode): ReactNode =>
  part === 'unknown' ? <span className="text-dim">unknown</span> : show(part as T);

const OLD_SNAPSHOT_SECONDS = 3600;
const LONG_WAIT_SECONDS = 60;

/** The sentences about a state that needs an operator. */
function warningsOf({ migrations, workers, queue, database, retention, model }: Status): string[] {
  const { oldestSnapshot, connections } = database;
  const isAlive = workers === 'unknown' || workers.some((worker) => worker.isAlive);
  const { oldestDueSeconds: waitSeconds = 0, heldSince } = queue === 'unknown' ? {} : queue;
  const snapshotSeconds = oldestSnapshot === 'unknown' ? 0 : (oldestSnapshot.seconds ?? 0);
  return [
    !isAlive && 'No worker is alive: errands stay queued. Start a process with the role worker.',
    heldSince !== undefined &&
      'The database was restored from a backup and is held: no errand starts. When the original has stopped for good, run errand resume.',
    heldSince === undefined &&
      waitSeconds > LONG_WAIT_SECONDS &&
      `An errand has waited for ${duration(waitSeconds * 1000)}. Start more workers, or look for a workspace at its limit.`,
    migrations !== 'unknown' &&
      migrations.pending.length > 0 &&
      `The database lacks ${migrations.pending.length} migrations of this version. Restart the service.`,
    snapshotSeconds > OLD_SNAPSHOT_SECONDS &&
      `A transaction has been open for ${duration(snapshotSeconds * 1000)}. Tables grow until it ends.`,
    connections !== 'unknown' && connections.used > 0.9 * connections.max && 'Postgres is almost out of connections.',
    retention.runDays === undefined && 'Errands are kept without limit. Set ERRAND_RUN_DAYS if disk space matters.',
    model.lastCall?.succeeded === false && 'The last request to the model failed.',
  ].filter((text) => text !== false);
}

function Warnings({ status }: { status: Status }) {
  const warnings = warningsOf(status);
  if (warnings.length === 0) return <p className="text-good">Nothing needs attention.</p>;
  return (
    <ul className="flex flex-col gap-1 rounded-lg border border-wait bg-wait-soft p-3">
      {warnings.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}

const Service = ({
  status: { version, nodeVersion, postgresVersion, migrations, model, processes },
}: {
  status: Status;
}) => (
  <Section title="Service">
    <Facts
      facts={[
        ['Errand', version],
        ['Node', nodeVersion],
        ['Postgres', known(postgresVersion, (text) => text)],
        ['Last migration', known(migrations, ({ last }) => last ?? 'none')],
        ['Model', model.isConfigured ? `${model.name} (${model.provider})` : 'none: the built-in planner plans'],
      ]}
    />
    {known(processes, (items) => (
      <Table
        label="Processes"
        items={items}
        keyOf={({ host }) => host}
        columns={[
          { name: 'Process', isMain: true, cell: ({ host }) => host },
          { name: 'Seen', cell: ({ seenAt }) => <Ago at={seenAt} /> },
          { name: 'Master keys', cell: ({ masterKeyIds }) => masterKeyIds.join(', ') },
          { name: 'Seals with', cell: ({ sealingKeyId }) => sealingKeyId },
        ]}
      />
    ))}
  </Section>
);

const Queue = ({ status: { queue, workers } }: { status: Status }) => (
  <Section title="Queue">
    {known(queue, ({ due, claimed, oldestDueSeconds }) => (
      <Facts
        facts={[
          ['Waiting', due.toLocaleString()],
          ['Running', claimed.toLocaleString()],
          ['Longest wait', oldestDueSeconds === undefined ? 'none' : duration(oldestDueSeconds * 1000)],
        ]}
      />
    ))}
    {known(workers, (items) => (
      <Table
        label="Workers"
        items={items}
        keyOf={({ workerPoolId }) => workerPoolId}
        columns={[
          { name: 'Worker', isMain: true, cell: ({ host }) => host },
          { name: 'Started', cell: ({ startedAt }) => <Ago at={startedAt} /> },
          { name: 'Heartbeat', cell: ({ heartbeatAt }) => <Ago at={heartbeatAt} /> },
          {
            name: 'State',
            cell: ({ isAlive }) => (
              <span className={isAlive ? 'text-good' : 'text-bad'}>{isAlive ? 'alive' : 'gone'}</span>
            ),
          },
        ]}
      />
    ))}
  </Section>
);

const MB = 1_000_000;
const MAX_INDEXES = 5;

function Database({ status: { database, retention } }: { status: Status }) {
  const { bytes, connections, oldestSnapshot, unusedIndexes } = database;
  const days = (count: number | undefined) => (count === undefined ? 'without limit' : `${count} days`);
  return (
    <Section title="Database">
      <Facts
        facts={[
          ['Size', known(bytes, (size) => `${Math.round(size / MB).toLocaleString()} MB`)],
          ['Connections', known(connections, ({ used, max }) => `${used} of ${max}`)],
          [
            'Oldest snapshot',
            known(oldestSnapshot, ({ seconds, application }) =>
              seconds === undefined ? 'none' : `${duration(seconds * 1000)}${application ? `, of ${application}` : ''}`,
            ),
          ],
          [
            'Indexes without use',
            known(unusedIndexes, ({ indexes, since }) => (
              <>
                {indexes.length === 0
                  ? 'none'
                  : indexes
                      .slice(0, MAX_INDEXES)
                      .map(({ index }) => index)
                      .join(', ')}
                {indexes.length > MAX_INDEXES && ` and ${indexes.length - MAX_INDEXES} more`}
                {since !== undefined && (
                  <span className="text-dim">
                    {' '}
                    since <Ago at={since} />
                  </span>
                )}
              </>
            )),
          ],
          ['Errands are kept', days(retention.runDays)],
          ['Events are kept', days(retention.eventDays)],
          ['Outputs are kept', days(retention.outputDays)],
          ['Deliveries are kept', days(retention.webhookDays)],
        ]}
      />
    </Section>
  );
}
