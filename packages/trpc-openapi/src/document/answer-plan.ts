import type { ErrorTable } from '../contract.ts';

/** Parts of answers in the document that operations do not declare. */
export type AnswerOptions = {
  /** Codes of every operation that needs a credential, such as those of rate limits. */
  readonly anyErrors?: readonly string[];
  /** Headers of several operations, by name. */
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

/** Everything that documents the answers of one contract. */
export type AnswerPlan = AnswerOptions & { readonly table: ErrorTable; readonly problemBase?: string };
