import { CodeDialog } from './code-dialog.tsx';
import { type OperationName, requestOf } from './operation.ts';
import type { OperationCall } from './operation-call.ts';

type OperationCodeProps<N extends OperationName> = OperationCall<N> & { onClose: () => void };

/** The program that calls an operation; nothing for operations that no API key may call. */
export function OperationCode<N extends OperationName>({ operation, input, ...rest }: OperationCodeProps<N>) {
  const request = requestOf(operation, input);
  return request && <CodeDialog request={request} {...rest} />;
}
