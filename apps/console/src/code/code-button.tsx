import { Code } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { Button } from '../controls/button.tsx';
import type { InputOf, OperationName } from './operation.ts';

const OperationCode = lazy(() => import('./operation-code.tsx').then((module) => ({ default: module.OperationCode })));

export type OperationCall<N extends OperationName> = {
  /** Title of the dialog: "Create a webhook from code". */
  title: string;
  operation: N;
  input: InputOf<N>;
  /** What the program changes, as a sentence. */
  note?: ReactNode;
};

/** Shows the program that does the same as this page, as curl, TypeScript and Python. */
export function CodeButton<N extends OperationName>(call: OperationCall<N>) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button title={call.title} onClick={() => setOpen(true)}>
        <Code size={14} aria-hidden="true" />
        <span className="max-lg:sr-only">Code</span>
      </Button>
      {isOpen && (
        <Suspense>
          <OperationCode {...call} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
