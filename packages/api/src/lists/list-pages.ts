// Pages of lists. A cursor is the signed position of the last item; the holder can read it but not change it.
import { openToken, type SigningKeys, signToken } from '@errand/basics/signed-token';
import { type ProblemError, problem } from '@errand/contracts';

/** A list: the name of its operation, the workspace or person that it belongs to, and its filters. */
export type ListRef = { name: string; ownerId: string; filters?: object };
/** The value or values by which a list is sorted, of one item. */
export type Position = string | readonly (string | number)[];

type Page = { pageSize: number; cursor?: string | undefined };
type Listed<Row> = { rows: Row[]; nextCursor?: string };
type ListReader<Row, P extends Position> = {
  /** Reads up to `limit` items after a position. */
  read: (after: P | undefined, limit: number) => Promise<readonly Row[]>;
  positionOf: (row: Row) => P;
};

/** Signs and reads the cursors of lists. A cursor is valid only for its list, owner and filters. */
export class ListPages {
  /** @param keys of at least 32 bytes: the first one signs, all are accepted */
  constructor(private readonly keys: () => SigningKeys) {}

  sign = (list: ListRef, position: Position): string =>
    signToken(this.keys(), Buffer.from(JSON.stringify(position)), contextOf(list));

  /** @returns undefined without a cursor @throws ProblemError invalid_cursor */
  open<P extends Position>(list: ListRef, cursor: string | undefined): P | undefined {
    if (cursor === undefined) return undefined;
    const body = openToken(this.keys(), cursor, contextOf(list));
    if (body) return JSON.parse(body.toString()) as P;
    throw invalidCursor('The cursor does not belong to this list with these filters.');
  }

  /** Reads a page, and one item more to see whether the list continues. @throws ProblemError invalid_cursor */
  async read<Row, P extends Position>(
    list: ListRef,
    { pageSize, cursor }: Page,
    { read, positionOf }: ListReader<Row, P>,
  ): Promise<Listed<Row>> {
    const found = await read(this.open<P>(list, cursor), pageSize + 1);
    const rows = found.slice(0, pageSize);
    const last = rows.at(-1);
    return { rows, ...(found.length > pageSize && last && { nextCursor: this.sign(list, positionOf(last)) }) };
  }
}

export const invalidCursor = (message: string): ProblemError =>
  problem('invalid_cursor', message, { errors: [{ pointer: '/cursor', message }] });

const contextOf = ({ name, ownerId, filters = {} }: ListRef): string =>
  `${name} ${ownerId} ${JSON.stringify(Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
