import { setImmediate as nextTurn } from 'node:timers/promises';
import { type CreateIntegrationInput, type contract, type Inspection, problem } from '@errand/contracts';
import type { WorkspaceDb } from '@errand/db';
import type { DocumentSource, ImportedService, ImportRequest } from '@errand/ports/importer';
import type { Context, Handler } from '../../context.ts';
import { invalidField, orNotFound } from '../../problems.ts';
import { withoutUndefined } from '../auth/complete-auth.ts';
import { authOfDocument, locationOf } from '../auth/missing-credential.ts';
import { mcpAccess, readSource, type Source } from './register-integration.ts';

const MAX_OPERATIONS = 2000;
const MAX_WARNINGS = 100;
const MAX_SCOPES = 200;
const MAX_DESCRIPTION = 2000;
const MAX_TEXT = 300;

/** Reads a service as a registration does, and stores its document for a later registration. */
export const inspectIntegration: Handler<typeof contract.integrations.inspect> = async ({ input, ctx, signal }) => {
  const { kind, auth, trustHints, baseUrl } = input;
  const source = readSource(input) as DocumentSource;
  const mcp = kind === 'mcp' ? mcpAccess(auth, trustHints) : undefined;
  return inspectSource(ctx, { ...source, mcp, ...(baseUrl !== undefined && { baseUrl }) }, signal);
};

/** Inspects the service of a document or an MCP server, and stores the document. */
export function inspectSource(
  ctx: Pick<Context, 'deps' | 'principal' | 'workspaceDb'>,
  source: Pick<ImportRequest, 'document' | 'url' | 'pick' | 'baseUrl' | 'mcp'> & { name?: string | undefined },
  signal: AbortSignal,
): Promise<Inspection> {
  const { workspaceId } = ctx.principal;
  const { name = nameOf(source), ...rest } = source;
  const request = { ...rest, workspaceId, customerIntegrationId: 'inspected', name, signal };
  return ctx.deps.importer.read(request, async (service) => ({
    ...(await storeDocument(ctx.workspaceDb, service)),
    ...(await toInspection(service)),
  }));
}

/** The name of a service that states none: its host. */
const nameOf = ({ url }: DocumentSource): string =>
  url !== undefined && URL.canParse(url) ? new URL(url).host : 'Service';

/** The source of an inspected service. @throws ProblemError not_found, validation_failed */
export async function inspectedSource(
  { inspections }: WorkspaceDb,
  { inspectionId, kind, document, url, documents, pick }: Partial<CreateIntegrationInput>,
): Promise<Source> {
  if (kind === 'mcp' || (document ?? url ?? documents) !== undefined)
    throw invalidField(
      '/inspectionId',
      'Send inspectionId without document, url and documents, and not for an MCP server.',
    );
  const stored = orNotFound(await inspections.get(inspectionId!), 'inspection');
  return withoutUndefined({ ...stored, pick: pick ?? stored.pick });
}

/** @throws ProblemError too_many_imports */
async function storeDocument(
  { inspections }: WorkspaceDb,
  { documents }: ImportedService,
): Promise<Pick<Inspection, 'inspectionId' | 'expiresAt'>> {
  const [document] = documents ?? [];
  if (!document) return {};
  const { url, pick, bytes } = document;
  const stored = await inspections.put({ document: Buffer.concat(bytes), url, pick });
  if (stored) return { inspectionId: stored.inspectionId, expiresAt: stored.expiresAt.toISOString() };
  throw problem('too_many_imports', 'Too many inspected documents are stored now. Try again in ten minutes.', {
    values: { retryAfterSeconds: 600 },
  });
}

type Operation = Inspection['operations'][number];

async function toInspection(service: ImportedService): Promise<Inspection> {
  const { title, description, host, baseUrl, tools, warnings } = service;
  const operations: Operation[] = [];
  let operationCount = 0;
  for (const text of tools) {
    // A service may have megabytes of tools, so other requests run between the pieces.
    await nextTurn();
    const piece = JSON.parse(Buffer.from(text).toString()) as Operation[];
    operationCount += piece.length;
    operations.push(...piece.slice(0, MAX_OPERATIONS - operations.length).map(toOperation));
  }
  return {
    name: title,
    ...(description !== undefined && { description: description.slice(0, MAX_DESCRIPTION).toWellFormed() }),
    host,
    baseUrl,
    auth: toAuth(service),
    operations,
    operationCount,
    hasMore: operationCount > operations.length,
    warnings: warnings.slice(0, MAX_WARNINGS),
  };
}

const toOperation = ({ operation, title, method, path, effect }: Operation): Operation => ({
  operation,
  ...(title !== undefined && { title: title.slice(0, MAX_TEXT).toWellFormed() }),
  ...(method !== undefined && { method }),
  ...(path !== undefined && { path }),
  effect,
});

function toAuth({ tokenLocation, oauth, challenge, requiredCredential }: ImportedService): Inspection['auth'] {
  const auth = authOfDocument({ requiredCredential }, {});
  if (auth.type !== 'NONE') return { type: auth.type, ...locationOf(auth) };
  if (oauth) {
    const { authorizationUrl, tokenUrl, scopes } = oauth;
    return {
      type: oauth.isOfClient ? 'CLIENT_CREDENTIALS' : 'OAUTH2',
      ...(authorizationUrl !== undefined && { authorizationUrl }),
      ...(tokenUrl !== undefined && { tokenUrl }),
      scopes: scopes.slice(0, MAX_SCOPES),
    };
  }
  if (challenge) return { type: 'OAUTH2', scopes: (challenge.scopes ?? []).slice(0, MAX_SCOPES) };
  if (tokenLocation?.prefix === 'Basic ') return { type: 'BASIC' };
  return tokenLocation ? { type: 'API_TOKEN', ...tokenLocation } : { type: 'NONE' };
}
