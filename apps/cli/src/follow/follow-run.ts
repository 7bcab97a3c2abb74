// Follows a run to its end on the terminal, and has its requests decided there if a person is present.
import { streamEvents } from '@errand/client';
import type { ProgressFrame, Run, RunEvent } from '@errand/contracts';
import { isTerminal, isWaiting } from '@errand/contracts/labels';
import type { Cli } from '../cli/cli.ts';
import { type ExitCode, exitCodeOfRun, exitCodes } from '../outcome/exit-codes.ts';
import { createLive, type Live } from '../terminal/live.ts';
import { viewOf } from '../terminal/output.ts';
import { duration } from '../terminal/times.ts';
import { visibleValue } from '../terminal/visible.ts';
import { endLines, eventLines, headingLines, progressLine } from './event-lines.ts';
import { Requests } from './requests.ts';

export type FollowOptions = {
  /** Ends once the run waits for a person. */
  stopsWaiting: boolean;
  /** The longest time to follow, in ms. */
  timeoutMs?: number;
  /** Whether each step is shown. */
  showsSteps: boolean;
};

/** @returns the exit code of the run, or why it is not followed any more */
export async function followRun(run: Run, cli: Cli, options: FollowOptions): Promise<ExitCode> {
  const follower = new Follower(run, cli, options);
  const code = await follower.follow();
  if (code === exitCodes.interrupted) return sayHowToWatch(run, 'Stopped watching.', code, cli);
  if (code === exitCodes.timeout) return sayHowToWatch(run, 'The run has not ended in this time.', code, cli);
  const ended = await cli.service().client.runs.get.query({ runId: run.runId, includeEvents: false });
  printRun(ended, cli);
  return code === exitCodes.waits ? code : exitCodeOfRun(ended.status);
}

export function printRun(run: Run, cli: Cli): void {
  if (cli.output.mode === 'jsonl') return;
  cli.output.answer(run, {
    text: (shown, view) => (isTerminal(shown.status) ? endLines(shown, view) : headingLines(shown, view)),
    ids: ({ runId }) => [runId],
  });
}

function sayHowToWatch({ runId }: Run, reason: string, code: ExitCode, cli: Cli): ExitCode {
  cli.output.say(`${reason} The run goes on: errand watch ${runId}`);
  return code;
}

/** The most running steps that are remembered. */
const MAX_RUNNING = 100;
/** The largest progress that is remembered, as JSON. Progress of Errand has some ids, numbers and a time. */
const MAX_FRAME_CHARACTERS = 64 * 1024;

class Follower {
  readonly #live: Live;
  readonly #running = new Map<string, { frame: ProgressFrame; since: number }>();
  readonly #requests: Requests;
  readonly #stop = new AbortController();
  #stopCode: ExitCode | undefined;

  constructor(
    private readonly run: Run,
    private readonly cli: Cli,
    private readonly options: FollowOptions,
  ) {
    this.#live = createLive(cli.terminal);
    this.#requests = new Requests(run.runId, cli, this.#live);
  }

  /** @returns why it ended: the exit code of an end or a wait is that of the run */
  async follow(): Promise<ExitCode> {
    const { timeoutMs } = this.options;
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => this.#end(exitCodes.timeout), timeoutMs);
    const interruption = this.cli.interruption();
    const interrupt = () => this.#end(exitCodes.interrupted);
    interruption.addEventListener('abort', interrupt);
    if (this.options.showsSteps) this.#print((view) => headingLines(visibleValue(this.run), view));
    const ticking = setInterval(() => this.#showRunning(), 1000).unref();
    try {
      for await (const event of this.#events()) this.#take(event);
      return exitCodes.success;
    } catch (error) {
      if (this.#stopCode !== undefined) return this.#stopCode;
      throw error;
    } finally {
      clearTimeout(timer);
      clearInterval(ticking);
      interruption.removeEventListener('abort', interrupt);
      await this.#requests.close({ says: this.#stopCode === exitCodes.waits });
      this.#live.stop();
    }
  }

  #events(): AsyncGenerator<RunEvent, void, void> {
    const { url, apiKey } = this.cli.service().target;
    return streamEvents({
      url,
      apiKey,
      runId: this.run.runId,
      signal: this.#stop.signal,
      includeToolCalls: this.cli.output.mode === 'jsonl',
      onProgress: (frame) => this.#progress(frame),
    });
  }

  #take(event: RunEvent): void {
    if (this.cli.output.mode === 'jsonl') this.cli.output.item(event);
    if (event.type === 'step') this.#running.delete(event.step.stepId);
    if (this.options.showsSteps) this.#print((view) => eventLines(visibleValue(event), view));
    this.#showRunning();
    if (!this.options.stopsWaiting) this.#requests.take(event);
    else if (isWaiting(event.runStatus)) this.#end(exitCodes.waits);
  }

  #progress(frame: ProgressFrame): void {
    if (JSON.stringify(frame).length > MAX_FRAME_CHARACTERS) return;
    const since = this.#running.get(frame.stepId)?.since ?? Date.now();
    this.#running.set(frame.stepId, { frame, since });
    if (this.#running.size > MAX_RUNNING) this.#running.delete(this.#running.keys().next().value!);
    this.#showRunning();
  }

  #showRunning(): void {
    if (!this.options.showsSteps) return;
    this.#live.change(
      [...this.#running.values()].map(
        ({ frame, since }) => `${progressLine(visibleValue(frame))}  ${duration(Date.now() - since)}`,
      ),
    );
  }

  #print(lines: (view: ReturnType<typeof viewOf>) => string[]): void {
    const list = lines(viewOf(this.cli.terminal.err));
    if (list.length > 0) this.#live.print(list);
  }

  #end(code: ExitCode): void {
    this.#stopCode ??= code;
    this.#stop.abort();
  }
}
