import type { PickOperations } from '@errand/contracts';
import type { ReadDocument } from './reader/read-in-child.ts';

/** A document that was read, with its source. */
export type LoadedDocument = ReadDocument & {
  url?: string | undefined;
  pick?: PickOperations | undefined;
  /** The document as it may be stored, in pieces: with `pick`, the picked part. */
  bytes: readonly Uint8Array[];
};

export type ImportedDocument = Pick<LoadedDocument, 'url' | 'pick' | 'sha256' | 'bytes'>;

/** A service as its documents describe it. */
export type ImportedOpenApi = Omit<ReadDocument, 'sha256' | 'picked' | 'operations'> & {
  documents: ImportedDocument[];
};

const MAX_WARNINGS = 400;
const MAX_SCOPES = 1_000;

/**
 * A service from all of its documents: title and address of the first one, and the authentication of the first one that has any. Warnings of
 * several documents begin with the number of the document.
 */
export function mergeDocuments(documents: readonly LoadedDocument[]): ImportedOpenApi {
  const [first] = documents as [LoadedDocument];
  const { sha256: _, operations: __, picked: ___, url: ____, pick: _____, bytes: ______, ...service } = first;
  const authenticated = documents.find(({ auth }) => auth.type !== 'NONE') ?? first;
  const warnings =
    documents.length === 1
      ? first.warnings
      : documents.flatMap((document, index) => document.warnings.map((line) => `/documents/${index}${line}`));
  const requiredCredential = documents.find((document) => document.requiredCredential)?.requiredCredential;
  return {
    ...service,
    auth: authenticated.auth,
    oauth2: mergedScheme(documents),
    requiredCredential,
    tools: documents.flatMap(({ tools }) => tools),
    servers: [...new Set(documents.flatMap(({ servers }) => servers))],
    warnings: warnings.slice(0, MAX_WARNINGS),
    documents: documents.map(({ url, pick, sha256, bytes }) => ({ url, pick, sha256, bytes })),
  };
}

/** The first OAuth scheme, with the scopes of all. */
function mergedScheme(documents: readonly LoadedDocument[]): ReadDocument['oauth2'] {
  const schemes = documents.flatMap(({ oauth2 }) => oauth2 ?? []);
  const [first] = schemes;
  return first && { ...first, scopes: [...new Set(schemes.flatMap(({ scopes }) => scopes))].slice(0, MAX_SCOPES) };
}
