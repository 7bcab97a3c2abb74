/** What became of one invariant: how much was looked at, and each violation in a sentence. */
export type Verdict = { name: string; statement: string; looked: number; violations: string[]; notes: string[] };

/** Collects what speaks against an invariant. */
export class Case {
  private looked = 0;
  private readonly violations: string[] = [];
  private readonly notes: string[] = [];

  constructor(
    private readonly name: string,
    private readonly statement: string,
  ) {}

  /** Looks at one thing. */
  expect(holds: boolean, otherwise: () => string): void {
    this.looked++;
    if (!holds) this.violations.push(otherwise());
  }

  note(text: string): void {
    this.notes.push(text);
  }

  close(): Verdict {
    const { name, statement, looked, violations, notes } = this;
    return { name, statement, looked, violations, notes };
  }
}

const SHOWN = 5;

/** A line for each invariant, and the first violations below it. */
export function tell({ name, statement, looked, violations, notes }: Verdict): string {
  const word = violations.length === 0 ? 'holds' : `VIOLATED ${violations.length} times`;
  const lines = [
    `  ${name.padEnd(4)} ${word} (${looked} looked at): ${statement}${notes.length > 0 ? ` [${notes.join('; ')}]` : ''}`,
  ];
  for (const violation of violations.slice(0, SHOWN)) lines.push(`         ${violation}`);
  return lines.join('\n');
}
