import { sha256 } from '@errand/basics/sha256';
import { type ConvertedOpenApi, convertDocument } from '../convert.ts';
import { limits } from '../document/limits.ts';
import { inspectDocument, parseText } from '../document/parse.ts';
import { pickOperations } from '../document/pick.ts';
import { upgradeSwagger } from '../document/swagger.ts';
import { Warnings } from '../document/warnings.ts';
import { toolTexts } from '../tool-texts.ts';
import type { DocumentSummary, ReadRequest } from './protocol.ts';

/** Reads a document: picks operations, converts it to OpenAPI 3 if necessary, and its operations to tools. @throws DocumentFault */
export async function readDocument(
  bytes: Buffer,
  { pick, ...input }: ReadRequest,
): Promise<{ summary: DocumentSummary; pieces: Uint8Array[] }> {
  const warnings = new Warnings();
  const parsed = parseText(bytes.toString());
  const picked = pick ? pickOperations(parsed, pick, warnings.add) : parsed;
  inspectDocument(picked, warnings.add);
  // The conversion changes the document.
  const document = pick ? piecesOf(JSON.stringify(picked)) : [];
  const root = await upgradeSwagger(picked, input.documentUrl, warnings.add);
  const { tools, ...service } = convertDocument({ ...input, root }, warnings);
  const texts = toolTexts(tools, input.previous?.toolBytes);
  const summary = {
    ...service,
    servers: serversOf(service, tools),
    operations: tools.map(({ operation }) => operation),
    sha256: sha256(bytes),
    toolPieces: texts.length,
    documentPieces: document.length,
  };
  return { summary, pieces: [...texts, ...document] };
}

const serversOf = ({ baseUrl }: Pick<ConvertedOpenApi, 'baseUrl'>, tools: ConvertedOpenApi['tools']): string[] => [
  ...new Set([baseUrl, ...tools.flatMap(({ call }) => (call as { server?: string }).server ?? [])]),
];

function piecesOf(text: string): Uint8Array[] {
  const bytes = Buffer.from(text);
  const count = Math.ceil(bytes.length / limits.pieceBytes);
  return Array.from({ length: count }, (_, n) => bytes.subarray(n * limits.pieceBytes, (n + 1) * limits.pieceBytes));
}
