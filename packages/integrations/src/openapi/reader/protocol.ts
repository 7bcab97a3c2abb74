import type { PickOperations } from '@errand/contracts';
import type { ConvertedOpenApi, ConvertInput } from '../convert.ts';
import type { DocumentFault } from '../document/document.ts';

/** The work of a reading process: a document, whose bytes were sent before. */
export type ReadRequest = Omit<ConvertInput, 'root'> & {
  pick?: PickOperations;
};

/** A document without its tools, which follow as bytes. */
export type DocumentSummary = Omit<ConvertedOpenApi, 'tools'> & {
  /** All base URLs at which tools are called. */
  servers: string[];
  /** The names of its operations. */
  operations: string[];
  sha256: string;
  /** Number of pieces: JSON texts, each a list of tools without the members that follow from the integration. */
  toolPieces: number;
  /** Number of pieces of the picked document; 0 without `pick`. */
  documentPieces: number;
};

export type Fault = Pick<DocumentFault, 'code' | 'message' | 'findings' | 'remedy'>;

/**
 * The messages of a parent, each of which the process answers once, so that neither sends faster than the other reads:
 * - `begin`, number of bytes → `more`
 * - `bytes`, a piece of the document → `more`
 * - `read`, ReadRequest as JSON → `summary`, DocumentSummary as JSON; or `fault`, Fault as JSON; or `failed`, a text for the log
 * - `next` → `piece`, bytes of the next piece: of the tools, then of the document
 */
export type Question = 'begin' | 'bytes' | 'read' | 'next';
export type AnswerKind = 'more' | 'summary' | 'fault' | 'failed' | 'piece';
