import { every } from '@errand/basics/every';
import type { InstanceLoad, LoadPart, LoadReader } from '@errand/db';
import type { Log } from '@errand/ports/log';
import { Alarm } from './alarm.ts';
import { LATE_RUN_SECONDS, LATE_WEBHOOK_SECONDS, LONG_TRANSACTION_SECONDS } from './thresholds.ts';

const CHECK_MS = 30_000;

export type AlarmSources = {
  load: LoadReader;
  log: Pick<Log, 'warn'>;
  /** Whether this process watches the instance for its machine. */
  isLeader: () => boolean;
  /** Leases of dead workers that this process freed since its start. */
  leasesFreed: () => number;
  /** The monotonic clock, in ms. */
  now?: () => number;
};

/** The parts of the load that have an alarm. */
const PARTS: readonly LoadPart[] = ['queue', 'snapshots', 'webhooks'];

type Watched = {
  alarm: Alarm;
  valueIn: (load: Partial<InstanceLoad>) => number | undefined;
  begins: string;
  ends: string;
};

const ofInstance = (): Watched[] => [
  {
    alarm: new Alarm(LATE_RUN_SECONDS),
    valueIn: ({ queue }) => queue?.oldestDueSeconds,
    begins: 'A run has waited for a worker for too long. Start more workers.',
    ends: 'No run waits for a worker for too long any more.',
  },
  {
    alarm: new Alarm(LONG_TRANSACTION_SECONDS),
    valueIn: ({ snapshots }) => snapshots?.oldestSeconds,
    begins:
      'A transaction holds an old snapshot, so vacuum cannot remove old rows and the queue gets slow. End its session.',
    ends: 'No transaction holds an old snapshot any more.',
  },
  {
    alarm: new Alarm(LATE_WEBHOOK_SECONDS),
    valueIn: ({ webhooks }) => webhooks?.oldestDueSeconds,
    begins: 'Messages to webhooks wait for too long. Check that workers are alive and may reach the receivers.',
    ends: 'No message to a webhook waits for too long any more.',
  },
];

/** Checks the instance, and logs when an alarm begins and when it ends. */
export class Alarms {
  #instance = ofInstance();
  readonly #leases = new Alarm(1);
  #leasesSeen: number;

  constructor(private readonly sources: AlarmSources) {
    this.#leasesSeen = sources.leasesFreed();
  }

  async check(): Promise<void> {
    const { leasesFreed, isLeader, load, log, now = () => performance.now() } = this.sources;
    const lost = leasesFreed() - this.#leasesSeen;
    this.#leasesSeen += lost;
    const leases = this.#leases.update(lost, now());
    if (leases === 'begins') log.warn({ alarm: leases, leases: lost }, LEASES_LOST);
    if (leases === 'ends') log.warn({ alarm: leases }, 'No worker has lost leases for five minutes.');
    if (!isLeader()) {
      // Another process watches meanwhile, so the values of this one get old.
      this.#instance = ofInstance();
      return;
    }
    const reading = await load.read(PARTS);
    for (const { alarm, valueIn, begins, ends } of this.#instance) {
      const value = valueIn(reading.load);
      const change = alarm.update(value, now());
      if (change) log.warn({ alarm: change, seconds: Math.round(value!) }, change === 'begins' ? begins : ends);
    }
  }
}

const LEASES_LOST =
  'A worker lost its leases: it died, was frozen, or could not reach the database. Other workers carry its runs on.';

/** @returns a function that stops the checks */
export function startAlarms(sources: AlarmSources): () => Promise<void> {
  const alarms = new Alarms(sources);
  return every(CHECK_MS, () => alarms.check());
}
