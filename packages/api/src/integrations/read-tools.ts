import { timeLimit } from '@errand/basics/time-limit';
import { type Integration, ProblemError, problem } from '@errand/contracts';
import {
  type CatalogChange,
  type Connection,
  type Db,
  type DueList,
  leaseDueLists,
  recordFailedListRead,
  recordUnchangedList,
  type ToolsJob,
  type WorkspaceDb,
} from '@errand/db';
import type { ImportedDocument, ImportRequest } from '@errand/ports/importer';
import type { ApiDeps } from '../deps.ts';
import { orNotFound } from '../problems.ts';
import { withoutUndefined } from './auth/complete-auth.ts';
import { missingCredentialWarnings } from './auth/missing-credential.ts';
import { updatePendingIssuer } from './auth/pending-issuer.ts';
import { toStoredDocument } from './register/register-integration.ts';
import { addressOf } from './settings.ts';

type ReadOptions = {
  document?: string | undefined;
  /** Other names of operations. */
  names?: Readonly<Record<string, string>> | undefined;
  /** The newer entry of the catalogue whose fields the connection has: it is stored with the tools. */
  entry?: CatalogChange | undefined;
  /** The user whose credential is used at an MCP server. */
  userId?: string;
  /** Set if the list is due: an unchanged list is not stored again. */
  due?: DueList;
  signal: AbortSignal;
};

type ReadToolsContext = {
  deps: Pick<ApiDeps, 'importer' | 'connector' | 'accessChanged' | 'db'>;
  workspaceDb: WorkspaceDb;
  workspaceId: string;
};

/** Reads the tools of a service again. New and changed tools wait for the owner's review. @throws ProblemError */
export async function readTools(
  { deps, workspaceDb, workspaceId }: ReadToolsContext,
  connection: Connection,
  { document, names, entry, userId, due, signal }: ReadOptions,
): Promise<Integration> {
  const { customerIntegrationId, name, kind, trustHints, registrationId, ownerBaseUrl } = connection;
  const { requestSettings } = connection;
  const { integrations } = workspaceDb;
  const isMcp = kind === 'mcp';
  if (isMcp) await updatePendingIssuer(deps.connector, workspaceDb, { workspaceId, connection });
  const source = isMcp
    ? { url: addressOf(connection), mcp: { trustHints, connection, ...(userId !== undefined && { userId }) } }
    : await documentsOf(workspaceDb, connection, document);
  const refreshed = await deps.importer.read(
    { workspaceId, customerIntegrationId, name, signal, requestSettings, names, ...source },
    async ({ tools, warnings, requiredCredential, baseUrl, description, logoUrl, toolsUserId, list, documents }) => {
      // A starting server may list no tools, which must not disable all of its stored tools.
      if (due && list && (await recordUnchangedList(deps.db.poolOf(workspaceId), due, list))) return 'same';
      if (isMcp && tools.length === 0 && (due || (await hasTools(workspaceDb, customerIntegrationId))))
        throw problem(
          'mcp_failed',
          `The MCP server listed no tools, so its previous tools stay. ${warnings[0] ?? ''}`.trim(),
        );
      return integrations.refresh(
        customerIntegrationId,
        {
          baseUrl: ownerBaseUrl ? connection.baseUrl : baseUrl,
          description,
          logoUrl,
          tools,
          warnings: [...missingCredentialWarnings(connection.auth, { requiredCredential }), ...warnings],
          ...newerDocuments(source, documents),
          toolsUserId,
          entry,
          ...(list && { list: { ...list, lease: due?.lease } }),
        },
        registrationId,
      );
    },
  );
  if (refreshed === 'same') return orNotFound(await integrations.get(customerIntegrationId), 'integration');
  deps.accessChanged(workspaceId);
  return orNotFound(refreshed, 'integration');
}

type Documents = Pick<ImportRequest, 'url' | 'document' | 'pick' | 'documents' | 'baseUrl'>;

/** The documents to read again, as the integration was registered. */
async function documentsOf(
  { integrations }: WorkspaceDb,
  connection: Connection,
  document: string | undefined,
): Promise<Documents> {
  const { customerIntegrationId, sourceUrl, pick, ownerBaseUrl } = connection;
  const address = ownerBaseUrl ? { baseUrl: addressOf(connection) } : {};
  if (document === undefined && sourceUrl === undefined) {
    const stored = (await integrations.documents(customerIntegrationId)) ?? [];
    const documents = stored.map((one) => withoutUndefined({ url: one.url, document: one.text, pick: one.pick }));
    return { documents, ...address };
  }
  return { ...withoutUndefined({ url: sourceUrl, document, pick }), ...address };
}

/** The newer documents that the integration stores. */
function newerDocuments(source: Documents, documents: readonly ImportedDocument[] = []) {
  if (source.documents) return { documents: documents.map(toStoredDocument) };
  return source.document === undefined ? {} : { document: Buffer.concat(documents[0]?.bytes ?? []) };
}

export const hasTools = async ({ integrations }: WorkspaceDb, customerIntegrationId: string): Promise<boolean> =>
  ((await integrations.get(customerIntegrationId))?.toolCount ?? 0) > 0;

const JOB_MS = 60_000;

/**
 * Reads the tools of an MCP server after a user has connected, unless they were read meanwhile.
 * @throws ProblemError mcp_failed and others; the job may be retried
 */
export async function readToolsAfterConsent(
  deps: ReadToolsContext['deps'],
  { workspaceId, customerIntegrationId, userId }: ToolsJob,
  signal: AbortSignal,
): Promise<void> {
  const workspaceDb = deps.db.forWorkspace(workspaceId);
  const connection = await workspaceDb.integrations.connection(customerIntegrationId);
  if (connection?.kind !== 'mcp' || !connection.active) return;
  if (await hasTools(workspaceDb, customerIntegrationId)) return;
  try {
    const limitedSignal = AbortSignal.any([signal, timeLimit(JOB_MS)]);
    await readTools({ deps, workspaceDb, workspaceId }, connection, { userId, signal: limitedSignal });
  } catch (error) {
    // No caller waits for this job, so the reason becomes a warning of the integration.
    if (error instanceof ProblemError && !signal.aborted)
      await workspaceDb.integrations.warn(connection, [error.detail ?? error.code]);
    throw error;
  }
}

/** Maximum number of lists that are read at the same time. */
const MAX_CONCURRENT_READS = 4;

/** Reads the lists of tools that are due. A failed read changes nothing and is retried after growing pauses. */
export async function readDueToolLists(
  deps: ReadToolsContext['deps'] & { db: Pick<Db, 'pool'>; log: (error: unknown, due: DueList) => void },
  signal: AbortSignal,
): Promise<void> {
  const readOne = async (due: DueList) => {
    const { workspaceId, customerIntegrationId, registrationId } = due;
    try {
      const workspaceDb = deps.db.forWorkspace(workspaceId);
      const connection = await workspaceDb.integrations.connection(customerIntegrationId);
      if (connection?.registrationId !== registrationId) return;
      const until = AbortSignal.any([signal, timeLimit(JOB_MS)]);
      await readTools({ deps, workspaceDb, workspaceId }, connection, { due, signal: until });
    } catch (error) {
      deps.log(error, due);
      await recordFailedListRead(deps.db.pool, due);
    }
  };
  while (!signal.aborted) {
    const due = await leaseDueLists(deps.db.pool, MAX_CONCURRENT_READS);
    if (due.length === 0) return;
    await Promise.all(due.map(readOne));
  }
}
