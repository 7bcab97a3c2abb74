import { setImmediate as nextTurn } from 'node:timers/promises';
import { type CreateIntegrationInput, type contract, type Inspection, problem } from '@errand/contracts';
import type { WorkspaceDb } from '@errand/db';
import type { ImportedService } from '@errand/ports/importer';
import type { Context, Handler } from '../context.ts';
import { invalidField, orNotFound } from '../problems.ts';
import { mcpAccess, readSource, type Source } from './register-integration.ts';

const MAX_OPERATIONS = 2000;
const MAX_WARNINGS = 100;
const MAX_SCOPES = 200;
const MAX_DESCRIPTION = 2000;
const MAX_TEXT = 300;

/** Reads a service as a registration does, and stores its document for a later registration. */
export const inspectIntegration: Handler<typeof contract.integrations.inspect> = async ({ input, ctx, signal }) => {
  const { kind, auth, trustHints } = input;
  const source = readSource(input);
  const mcp = kind === 'mcp' ? mcpAccess(auth, trustHints) : undefined;
  const { workspaceId } = ctx.principal;
  const request = { ...source, workspaceId, customerIntegrationId: 'inspected', name: nameOf(source), signal, mcp };
  return ctx.deps.importer.read(request, async (service) => ({
    ...(await storeDocument(ctx, source, service)),
    ...(await toInspection(service)),
  }));
};

/** The name of a service that states none: its host. */
const nameOf = (source: Source): string =>
  source.url !== undefined && URL.canParse(source.url) ? new URL(source.url).host : 'Service';

/** The source of an inspected service. @throws ProblemError not_found, validation_failed */
export async function inspectedSource(
  { inspections }: WorkspaceDb,
  { inspectionId, kind, document, url }: CreateIntegrationInput,
): Promise<Source> {
  if (kind === 'mcp' || document !== undefined || url !== undefined)
    throw invalidField('/inspectionId', 'Send inspectionId without document and url, and not for an MCP server.');
  return orNotFound(await inspections.get(inspectionId!), 'inspection');
}

/** @throws ProblemError too_many_imports */
async function storeDocument(
  { workspaceDb }: Context,
  source: Source,
  { sourceText }: ImportedService,
): Promise<Pick<Inspection, 'inspectionId' | 'expiresAt'>> {
  if (sourceText === undefined) return {};
  const { url } = source;
  const stored = await workspaceDb.inspections.put({ document: sourceText, ...(url !== undefined && { url }) });
  if (stored) return { inspectionId: stored.inspectionId, expiresAt: stored.expiresAt.toISOString() };
  throw problem('too_many_imports', 'Too many inspected documents are stored now. Try again in ten minutes.');
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

function toAuth({ tokenLocation, oauth, challenge }: ImportedService): Inspection['auth'] {
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
