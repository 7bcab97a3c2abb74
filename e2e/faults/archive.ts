// The observations of runs that the removal is about to remove.
import type { ListedEvent } from './evidence.ts';
import type { Facts } from './facts.ts';

const tables = [
  'runs',
  'events',
  'calls',
  'effectRequests',
  'approvals',
  'questions',
  'inputs',
  'messages',
] as const satisfies readonly (keyof Facts)[];

type Rows = Pick<Facts, (typeof tables)[number]>;
type Row = { runId: string | null };

const rowsOf = (rowsIn: (table: keyof Rows) => readonly Row[]): Rows =>
  Object.fromEntries(tables.map((table) => [table, rowsIn(table)])) as unknown as Rows;

/** Rows and listed events of ended runs, as they were before their removal. */
export class Archive {
  #rows = rowsOf(() => []);
  readonly listed = new Map<string, ListedEvent[]>();

  get runIds(): ReadonlySet<string> {
    return new Set(this.listed.keys());
  }

  /** @param listed the events of these runs, from the API */
  add(facts: Facts, listed: ReadonlyMap<string, ListedEvent[]>): void {
    const before = this.#rows;
    const isNew = ({ runId }: Row) => runId !== null && listed.has(runId) && !this.listed.has(runId);
    this.#rows = rowsOf((table) => [...before[table], ...(facts[table] as Row[]).filter(isNew)]);
    for (const [runId, events] of listed) this.listed.set(runId, events);
  }

  /** The rows of all runs: of archived ones as they were, of the others as they are. */
  complete(facts: Facts): Facts {
    const archived = this.#rows;
    const isOther = ({ runId }: Row) => runId === null || !this.listed.has(runId);
    return { ...facts, ...rowsOf((table) => [...archived[table], ...(facts[table] as Row[]).filter(isOther)]) };
  }
}
