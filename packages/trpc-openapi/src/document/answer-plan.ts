import type { ErrorTable } from '../contract.ts';

/** What the document says of answers beyond what each operation declares. */
export type AnswerOptions = {
  /** Codes that every operation may answer that needs a credential, such as those of rate limits. */
  readonly anyErrors?: readonly string[];
  /** Headers that come with more than one operation's answers: name → what they say and where they come. */
  readonly answerHeaders?: Readonly<Record<string, AnswerHeader>>;
  /** A successful answer of each operation, by its dotted name; of a stream, one item. */
  readonly examples?: Readonly<Record<string, unknown>>;
};

export type AnswerHeader = {
  readonly description: string;
  readonly example?: string;
  /** Codes of the error table it comes with. */
  readonly with?: readonly string[];
  /** Whether it comes with every answer to a caller with a credential. */
  readonly always?: boolean;
};

/** What documents the answers of one contract. */
export type AnswerPlan = AnswerOptions & { readonly table: ErrorTable; readonly problemBase?: string };
