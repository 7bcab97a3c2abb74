/** On a busy machine a job may take this many times its time by the clock before it is killed. */
export const BUSY_FACTOR = 5;

/** Why a job has no answer. `crash`: its process ended unexpectedly. `paused`: its tenant ended too many processes, so it was not run. */
type Cause = 'timeout' | 'memory' | 'crash' | 'paused' | 'closed';

/** A job without an answer. Its message is a predicate, such as `ran longer than 1000 ms and was stopped`, except when the sandbox is closed. */
export class JobFailure extends Error {
  override readonly name = 'JobFailure';
  constructor(
    readonly why: Cause,
    message: string,
  ) {
    super(message);
  }

  /** The cause for people: a clause, to follow "because". */
  get reason(): string {
    if (this.why === 'paused') return `it ${this.message}`;
    if (this.why === 'memory') return 'it took too much memory';
    if (this.why === 'closed') return 'the service is shutting down';
    return this.why === 'crash' ? 'it ended the process that evaluated it' : 'it took too long';
  }
}

export const closedFailure = (): JobFailure => new JobFailure('closed', 'The sandbox is closed.');

export const pausedFailure = (waitMs: number): JobFailure =>
  new JobFailure(
    'paused',
    `was not run, because expressions, schemas or plans of this workspace ended five processes within a minute; try again in ${Math.ceil(waitMs / 1000)} s`,
  );
