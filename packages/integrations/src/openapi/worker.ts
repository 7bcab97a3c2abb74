// Runs in a thread: reading a strange document may take seconds or forever, and must not hold up the service.
import { parentPort, workerData } from 'node:worker_threads';
import { type ConvertInput, convertDocument, type ImportedOpenApi } from './convert.ts';
import { DocumentFault } from './document/fault.ts';
import { toolTexts } from './tool-texts.ts';

try {
  const { tools, ...service } = convertDocument(workerData as ConvertInput);
  const servers = new Set([
    service.baseUrl,
    ...tools.flatMap(({ call }) => (call as { server?: string }).server ?? []),
  ]);
  const texts = toolTexts(tools);
  const imported: ImportedOpenApi = { ...service, tools: texts, servers: [...servers] };
  // They are transferred, not copied, so the service's own thread does not wait.
  parentPort?.postMessage(
    { imported },
    texts.map(({ buffer }) => buffer),
  );
} catch (error) {
  if (!(error instanceof DocumentFault) && !(error instanceof RangeError)) throw error;
  const fault =
    error instanceof DocumentFault ? error : new DocumentFault('openapi_invalid', 'The document is nested too deeply.');
  const { code, message, findings } = fault;
  parentPort?.postMessage({ fault: { code, message, findings } });
}
