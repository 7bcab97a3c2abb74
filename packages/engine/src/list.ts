import { createHmac, timingSafeEqual } from 'node:crypto';
import { isTerminal, type ListRunsInput, problem, type RunList } from '@errand/contracts';
import { countRuns, listRuns, type RunScope, readNewestEvents, readOpenWaiting } from '@errand/db';
import { toWaitingOn } from './approve.ts';
import { endLeft, toTexts } from './events.ts';
import { toEvent } from './frame.ts';
import type { Link } from './links.ts';
import { toRun } from './result.ts';

/** Newest events of a run that a list shows. */
const eventsInList = 100;
/** Exact totals are counted afresh unless the count was this slow; then it is reused for `countForMs`. */
const slowCountMs = 20;
const countForMs = 10_000;

/** Lists runs and signs the cursors of their pages. */
export class RunLister {
  private readonly counts = new Map<string, { n: number; until: number }>();

  /** @param keys of at least 32 bytes: the first one signs, all are accepted; a cursor is good only where it was made */
  constructor(private readonly keys: () => readonly [Buffer, ...Buffer[]]) {}

  /** A page of runs, newest first. @throws ProblemError invalid_cursor */
  async list(scope: RunScope, input: ListRunsInput, link: Link): Promise<RunList> {
    const { page, pageSize, cursor } = input;
    const from = cursor === undefined ? { offset: (page - 1) * pageSize } : { before: this.read(scope, input, cursor) };
    // One more than asked for tells whether there is a next page.
    const [rows, total] = await Promise.all([
      listRuns(scope, input, from, pageSize + 1),
      cursor === undefined ? this.count(scope, input) : undefined,
    ]);
    const shown = rows.slice(0, pageSize);
    const events = input.includeEvents
      ? await readNewestEvents(
          scope,
          shown.map((row) => row.runId),
          eventsInList,
        )
      : undefined;
    const open = shown.filter((row) => !isTerminal(row.status)).map((row) => row.runId);
    const asked = await readOpenWaiting(scope, open);
    const runs = await Promise.all(
      shown.map(async (row) => {
        const kept = events?.get(row.runId);
        const newest = kept?.length === 0 && row.endedAt ? [endLeft(row)] : kept;
        const waitingOn = asked.filter((one) => one.runId === row.runId).map(toWaitingOn);
        if (!newest) return toRun(row, [], false, waitingOn);
        const texts = await toTexts(scope, row.runId, newest, input.includeToolCalls, link);
        return toRun(row, texts.map(toEvent), (newest[0]?.seq ?? 1) > 1, waitingOn);
      }),
    );
    const last = shown.at(-1);
    const nextCursor = rows.length > pageSize && last ? this.sign(scope, input, last.runId) : undefined;
    return {
      runs,
      pagination: {
        pageSize,
        ...(total !== undefined && { page, totalItems: total, totalPages: Math.ceil(total / pageSize) }),
        ...(nextCursor && { nextCursor }),
      },
    };
  }

  private async count(scope: RunScope, input: ListRunsInput): Promise<number> {
    const key = `${scope.workspaceId}${filterText(input)}`;
    const known = this.counts.get(key);
    const now = performance.now();
    if (known && known.until > now) return known.n;
    this.counts.delete(key);
    const n = await countRuns(scope, input);
    if (performance.now() - now > slowCountMs) {
      if (this.counts.size > 1000) this.counts.clear();
      this.counts.set(key, { n, until: performance.now() + countForMs });
    }
    return n;
  }

  private mac(key: Buffer, scope: RunScope, input: ListRunsInput, id: Buffer): Buffer {
    return createHmac('sha256', key)
      .update(`${scope.workspaceId}${filterText(input)}`)
      .update(id)
      .digest()
      .subarray(0, 12);
  }

  private sign(scope: RunScope, input: ListRunsInput, runId: string): string {
    const id = Buffer.from(runId.replaceAll('-', ''), 'hex');
    return Buffer.concat([id, this.mac(this.keys()[0], scope, input, id)]).toString('base64url');
  }

  private read(scope: RunScope, input: ListRunsInput, cursor: string): string {
    const bytes = Buffer.from(cursor, 'base64url');
    const id = bytes.subarray(0, 16);
    if (
      bytes.length !== 28 ||
      bytes.toString('base64url') !== cursor ||
      !this.keys().some((key) => timingSafeEqual(bytes.subarray(16), this.mac(key, scope, input, id)))
    ) {
      throw problem('invalid_cursor', 'Use nextCursor of an earlier page, with the same filters and the same key.');
    }
    return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }
}

// What a cursor and a count belong to, beside the workspace.
const filterText = (f: ListRunsInput): string =>
  JSON.stringify([
    f.userId,
    f.status,
    f.customerIntegrationIds,
    f.repeatKey,
    f.metadata && Object.entries(f.metadata).sort(),
  ]);
