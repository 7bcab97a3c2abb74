import { Code } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { Button } from '../controls/button.tsx';
import type { OperationCall, OperationName } from './operation.ts';

const OperationCode = lazy(() => import('./operation-code.tsx').then((module) => ({ default: module.OperationCode })));

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
