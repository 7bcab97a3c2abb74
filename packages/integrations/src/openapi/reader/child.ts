// Entry of a process that reads one document. An untrusted document may take seconds, or so much memory that its process ends.
import type { Part } from '@errand/basics/child/frame';
import { serveParent } from '@errand/basics/child/serve-parent';
import { DocumentFault } from '../document/document.ts';
import type { AnswerKind, Fault, Question, ReadRequest } from './protocol.ts';
import { readDocument } from './read-document.ts';

let document = Buffer.alloc(0);
let received = 0;
let pieces: Uint8Array[] = [];

async function answer([question, content]: readonly Buffer[]): Promise<readonly [AnswerKind, ...Part[]]> {
  switch (String(question) as Question) {
    case 'begin':
      document = Buffer.allocUnsafeSlow(Number(content));
      return ['more'];
    case 'bytes':
      received += content!.copy(document, received);
      return ['more'];
    case 'read':
      return await read(JSON.parse(String(content)) as ReadRequest);
    case 'next':
      return ['piece', pieces.shift() ?? ''];
  }
}

async function read(request: ReadRequest): Promise<[AnswerKind, string]> {
  try {
    const bytes = document.subarray(0, received);
    document = Buffer.alloc(0);
    const result = await readDocument(bytes, request);
    pieces = result.pieces;
    return ['summary', JSON.stringify(result.summary)];
  } catch (error) {
    const fault = faultOf(error);
    return fault ? ['fault', JSON.stringify(fault)] : ['failed', String((error as Error).stack)];
  }
}

/** The fault of the document; undefined for an error of the program. */
function faultOf(error: unknown): Fault | undefined {
  // The stack has no room for the document.
  if (error instanceof RangeError)
    return faultOf(new DocumentFault('openapi_invalid', 'The document is nested too deeply.'));
  if (!(error instanceof DocumentFault)) return undefined;
  const { code, message, findings, remedy } = error;
  return { code, message, findings, ...(remedy !== undefined && { remedy }) };
}

serveParent(answer);
