import type { RunStatus } from '@errand/contracts';
import type { EventRow, RunScope } from '@errand/db';
import { FRAME_BYTES } from './answer-text.ts';
import { eventTexts, render, textWithoutCalls } from './event-json.ts';

/** Larger texts are rendered again for each reader, so that a slow reader does not keep them in memory. */
const MAX_SHARED_BYTES = 64 * 1024;

/** An event in the form that a stream sends. All followers in this process share its text. */
export class StreamFrame {
  #plain: string | undefined;
  #full: Promise<string> | undefined;

  constructor(
    private readonly scope: RunScope,
    private readonly runId: string,
    private readonly row: EventRow,
  ) {}

  get seq(): number {
    return this.row.seq;
  }

  get runStatus(): RunStatus {
    return (JSON.parse(this.row.data) as { runStatus: RunStatus }).runStatus;
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

/** The size of an event in memory, in UTF-16 units. */
export const sizeOf = (row: EventRow): number => row.data.length + (row.toolCalls?.length ?? 0);
