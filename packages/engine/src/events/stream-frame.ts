import type { RunStatus } from '@errand/contracts';
import { type EndedRun, type EventRow, type RunScope, readCallTexts } from '@errand/db';
import type { PublishedEvent } from '../model/transition.ts';
import { FRAME_BYTES } from './answer-text.ts';
import { eventText, eventTexts, refsOf, render, textWithoutCalls } from './event-json.ts';

/** Larger texts are rendered again for each reader, so that a slow reader does not keep them in memory. */
const MAX_SHARED_BYTES = 64 * 1024;

/** An event in the form that a stream sends. All followers in this process share its text. */
export class StreamFrame {
  #plain: string | undefined;
  #full: Promise<string> | undefined;

  constructor(
    private readonly scope: RunScope,
    private readonly runId: string,
    private readonly row: PublishedEvent,
    /** Its text with calls, if it was read together with others. */
    private readonly readTogether?: () => Promise<string | undefined>,
  ) {}

  get seq(): number {
    return this.row.seq;
  }

  get runStatus(): RunStatus {
    return (JSON.parse(this.row.data) as { runStatus: RunStatus }).runStatus;
  }

  /** With the event `end`, if this process has just written it: the state of its run. */
  get ended(): EndedRun | undefined {
    return this.row.ended;
  }

  get type(): string {
    return this.row.type;
  }

  /** Its size in memory, in UTF-16 units. */
  get size(): number {
    return sizeOf(this.row);
  }

  text(includeToolCalls: boolean): string | Promise<string> {
    if (!includeToolCalls || this.row.toolCalls === null) {
      this.#plain ??= textWithoutCalls(this.runId, this.row);
      return this.#plain;
    }
    this.#full ??= this.#withCalls();
    return this.#full;
  }

  async #withCalls(): Promise<string> {
    try {
      const together = this.readTogether && (await this.readTogether());
      if (together !== undefined) return together;
      const event = render(this.runId, this.row, { withCalls: true, link: (_, text) => text });
      const [text = ''] = await eventTexts(this.scope, [event], new Map([[this.runId, FRAME_BYTES]]));
      if (text.length > MAX_SHARED_BYTES) this.#full = undefined;
      return text;
    } catch (error) {
      this.#full = undefined;
      throw error;
    }
  }
}

/** Maximum number of events whose calls one statement reads, and maximum bytes of these calls. */
const READ_TOGETHER = { events: 50, bytes: 64 * 1024 };

/**
 * A page of the log, for one reader that replays it in order. One statement reads the calls of many events. If the calls of an event do
 * not fit into it, the event is read alone.
 */
export class ReplayedPage {
  readonly #texts = new Map<number, string>();
  #readUntil = 0;

  constructor(
    private readonly scope: RunScope,
    private readonly runId: string,
    private readonly rows: readonly EventRow[],
  ) {}

  get length(): number {
    return this.rows.length;
  }

  frame(index: number): StreamFrame {
    return new StreamFrame(this.scope, this.runId, this.rows[index]!, () => this.#takeText(index));
  }

  async #takeText(index: number): Promise<string | undefined> {
    if (index >= this.#readUntil) await this.#readFrom(index);
    const text = this.#texts.get(index);
    this.#texts.delete(index);
    return text;
  }

  async #readFrom(start: number): Promise<void> {
    const rows = [...this.rows.entries()].slice(start).filter(([, { toolCalls }]) => toolCalls !== null);
    const events = rows
      .slice(0, READ_TOGETHER.events)
      .map(([index, row]) => ({ index, ...render(this.runId, row, { withCalls: true, link: (_, text) => text }) }));
    const calls = await readCallTexts(this.scope, refsOf(events), new Map([[this.runId, READ_TOGETHER.bytes]]));
    for (const event of events) {
      const own = calls.splice(0, refsOf([event]).length);
      const isWhole = own.every(({ args, isRemoved }) => args !== null || isRemoved);
      if (isWhole)
        this.#texts.set(
          event.index,
          eventText(event, () => own.shift()),
        );
    }
    this.#readUntil = events.at(-1)!.index + 1;
  }
}

/** The size of an event in memory, in UTF-16 units. */
export const sizeOf = (row: EventRow): number => row.data.length + (row.toolCalls?.length ?? 0);
