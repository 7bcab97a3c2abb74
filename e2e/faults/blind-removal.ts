// The removal without its looks for open runs: `--break drops_open_runs`.
import type pg from 'pg';

/** Replaces the look of the database, which also counts under the lock of a partition. */
export const BLIND_FUNCTION = `CREATE OR REPLACE FUNCTION errand_partitions.has_open_run(low uuid, high uuid) RETURNS boolean
LANGUAGE sql AS 'SELECT false'`;

/** The looks of packages/db/src/retention, and their replacements. */
const looks: readonly { name: string; from: RegExp; to: string }[] = [
  {
    name: 'the look for runs that need their rows',
    from: /\(run\.ended_at IS NULL OR (run\.ended_at > \$3::timestamptz)\)/,
    to: '$1',
  },
  { name: 'the look for stored runs', from: /AND true OFFSET 0/, to: 'AND run.ended_at IS NOT NULL OFFSET 0' },
];

/** Removes the looks from the statements of clients. */
export class BlindClients {
  readonly #replaced = new Set<string>();

  /** Statements that no client has sent: the mutation would prove nothing. */
  get missed(): string[] {
    return looks.flatMap(({ name }) => (this.#replaced.has(name) ? [] : name));
  }

  blind<C extends Pick<pg.Client, 'query'>>(client: C): C {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    return Object.assign(client, {
      query: (text: unknown, ...more: unknown[]) =>
        query(typeof text === 'string' ? this.#without(text) : text, ...more),
    });
  }

  #without(text: string): string {
    for (const { name, from, to } of looks) {
      if (!from.test(text)) continue;
      this.#replaced.add(name);
      return text.replace(from, to);
    }
    return text;
  }
}
