import { Code } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { Button } from '../controls/button.tsx';
import type { OperationName } from './operation.ts';
import type { OperationCall } from './operation-call.ts';

const OperationCode = lazy(() => import('./operation-code.tsx').then((module) => ({ default: module.OperationCode })));

type CodeButtonProps<N extends OperationName> = OperationCall<N> & {
  /** The text of the button, where a program is the only way to do it. */
  text?: string;
};

/** Shows the program that does the same as this page, as curl, TypeScript and Python. */
export function CodeButton<N extends OperationName>({ text, ...call }: CodeButtonProps<N>) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button title={call.title} onClick={() => setOpen(true)}>
        <Code size={14} aria-hidden="true" />
        {text ?? <span className="max-lg:sr-only">Code</span>}
      </Button>
      {isOpen && (
        <Suspense>
          <OperationCode {...call} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
