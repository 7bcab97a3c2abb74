import type { ReactNode } from 'react';
import type { InputOf, OperationName } from './operation.ts';

/** What a code button shows. */
export type OperationCall<N extends OperationName> = {
  /** Title of the dialog: "Create a webhook from code". */
  title: string;
  operation: N;
  input: InputOf<N>;
  /** What the program changes, as a sentence. */
  note?: ReactNode;
};
