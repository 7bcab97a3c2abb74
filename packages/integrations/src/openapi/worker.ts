// Runs in a thread: reading a strange document may take seconds or for ever, and must not hold up the service.
import { parentPort, workerData } from 'node:worker_threads';
import { type ConvertInput, convertDocument } from './convert.ts';
import { DocumentFault } from './fault.ts';

try {
  parentPort?.postMessage({ imported: convertDocument(workerData as ConvertInput) });
} catch (error) {
  if (!(error instanceof DocumentFault) && !(error instanceof RangeError)) throw error;
  const fault =
    error instanceof DocumentFault ? error : new DocumentFault('openapi_invalid', 'The document is nested too deeply.');
  const { code, message, findings } = fault;
  parentPort?.postMessage({ fault: { code, message, findings } });
}
