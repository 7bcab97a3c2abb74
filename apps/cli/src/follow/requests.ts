// The requests of a run that is followed: asked one after the other, or said where no person can answer.
import type { PendingEntry, RunEvent } from '@errand/contracts';
import type { Cli } from '../cli/cli.ts';
import { askEntry } from '../decisions/ask-entry.ts';
import { commandsFor, idOfEntry } from '../decisions/entry.ts';
import { sentenceOf } from '../decisions/entry-lines.ts';
import { sayError } from '../outcome/say-error.ts';
import { NotAnswered } from '../terminal/ask.ts';
import type { Live } from '../terminal/live.ts';
import { visibleValue } from '../terminal/visible.ts';

const MAX_ENTRIES = 100;
/** The most requests that are remembered, of a run that asks again and again. */
const MAX_HANDLED = 10_000;
/** A longer text is no id of Errand. */
const MAX_ID_CHARACTERS = 255;

export class Requests {
  readonly #handled = new Set<string>();
  #round: Promise<void> | undefined;
  #isDue = false;
  /** The request that the person is asked about. */
  #asked: { id: string; abort: AbortController } | undefined;
  #isClosed = false;

  constructor(
    private readonly runId: string,
    private readonly cli: Cli,
    private readonly live: Live,
  ) {}

  /** Reads the open requests after an event that asks, and ends a question that was settled elsewhere. */
  take(event: RunEvent): void {
    const id = settledBy(event);
    if (id !== undefined && id === this.#asked?.id) this.#asked.abort.abort();
    if (asks(event)) this.#due();
  }

  /** @param options `says`: whether the open requests are said, where no one was asked about them */
  async close({ says }: { says: boolean }): Promise<void> {
    this.#isClosed = true;
    this.#asked?.abort.abort();
    await this.#round;
    if (says) for (const entry of await this.#read()) this.#say(entry);
  }

  #due(): void {
    this.#isDue = true;
    this.#round ??= this.#handle().finally(() => {
      this.#round = undefined;
    });
  }

  async #handle(): Promise<void> {
    while (this.#isDue && !this.#isClosed) {
      this.#isDue = false;
      try {
        for (const entry of await this.#read()) await this.#settle(entry);
      } catch (error) {
        if (!this.#isClosed) sayError(error, this.cli.output);
      }
    }
  }

  async #read(): Promise<PendingEntry[]> {
    const { client } = this.cli.service();
    const { pending } = await client.pending.list.query({ runId: this.runId, pageSize: MAX_ENTRIES });
    return pending;
  }

  async #settle(entry: PendingEntry): Promise<void> {
    const id = idOfEntry(entry);
    if (this.#isClosed || this.#handled.has(id) || id.length > MAX_ID_CHARACTERS) return;
    this.#handled.add(id);
    if (this.#handled.size > MAX_HANDLED) this.#handled.delete(this.#handled.values().next().value!);
    if (!this.cli.terminal.isInteractive || this.cli.output.mode !== 'text') return this.#say(entry);
    const abort = new AbortController();
    this.#asked = { id, abort };
    this.live.pause();
    try {
      const outcome = await askEntry(entry, this.cli, abort.signal);
      this.cli.output.say(outcome ?? 'Left open.');
    } catch (error) {
      if (!(error instanceof NotAnswered)) sayError(error, this.cli.output);
      else if (!abort.signal.aborted) process.kill(process.pid, 'SIGINT');
    } finally {
      this.#asked = undefined;
      this.live.resume();
    }
  }

  #say(entry: PendingEntry): void {
    this.cli.recent().remember([idOfEntry(entry)]);
    const safeEntry = visibleValue(entry);
    this.cli.output.say(`Waits for a person: ${sentenceOf(safeEntry)}`);
    for (const command of commandsFor(safeEntry)) this.cli.output.say(`  ${command}`);
  }
}

const asks = (event: RunEvent): boolean =>
  event.type === 'run_approval' ||
  event.type === 'question' ||
  event.type === 'input' ||
  (event.type === 'step' && event.step.state === 'waiting') ||
  (event.type === 'authentication' && event.auth.status === 'required');

/** The id of the request that an event settles. */
function settledBy(event: RunEvent): string | undefined {
  if (event.type === 'run_action') return event.approvalId;
  if (event.type === 'effect') return event.effectId;
  return event.type === 'answer' ? event.requestId : undefined;
}
