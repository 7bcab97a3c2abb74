// Runs in a thread: an untrusted document may take seconds or more, and must not block the service.
import { parentPort, workerData } from 'node:worker_threads';
import { type ConvertInput, convertDocument, type ImportedOpenApi } from './convert.ts';
import { DocumentFault } from './document/document.ts';
import { toolTexts } from './tool-texts.ts';

try {
  const { tools, ...service } = convertDocument(workerData as ConvertInput);
  const servers = new Set([
    service.baseUrl,
    ...tools.flatMap(({ call }) => (call as { server?: string }).server ?? []),
  ]);
  const texts = toolTexts(tools);
  const imported: ImportedOpenApi = { ...service, tools: texts, servers: [...servers] };
  // The texts are transferred, not copied, so that the main thread does not wait.
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
