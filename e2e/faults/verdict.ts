/** The outcome of one invariant: the number of checks, and each violation in a sentence. */
export type Verdict = { name: string; statement: string; looked: number; violations: string[]; notes: string[] };

/** Collects the violations of an invariant. */
export class Case {
  readonly #name: string;
  readonly #statement: string;

  #looked = 0;
  readonly #violations: string[] = [];
  readonly #notes: string[] = [];

  constructor(name: string, statement: string) {
    this.#name = name;
    this.#statement = statement;
  }

  expect(holds: boolean, otherwise: () => string): void {
    this.#looked++;
    if (!holds) this.#violations.push(otherwise());
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  close(): Verdict {
    const name = this.#name;
    const statement = this.#statement;
    const looked = this.#looked;
    const violations = this.#violations;
    const notes = this.#notes;
    return { name, statement, looked, violations, notes };
  }
}

const MAX_REPORTED = 5;

/** A line for each invariant, with the first violations below it. */
export function tell({ name, statement, looked, violations, notes }: Verdict): string {
  const word = violations.length === 0 ? 'holds' : `VIOLATED ${violations.length} times`;
  const lines = [
    `  ${name.padEnd(4)} ${word} (${looked} looked at): ${statement}${notes.length > 0 ? ` [${notes.join('; ')}]` : ''}`,
  ];
  for (const violation of violations.slice(0, MAX_REPORTED)) lines.push(`         ${violation}`);
  return lines.join('\n');
}
