import {
  type ApprovalStrategy,
  type Auth,
  type CatalogEntry,
  type CreateIntegrationInput,
  type Enable,
  type Integration,
  type Rules,
  Secret,
} from '@errand/contracts';
import { newCustomerIntegrationId, type StoredDocument, type WorkspaceDb } from '@errand/db';
import type { Connector } from '@errand/ports/credentials';
import type { DocumentSource, ImportedDocument, Importer, McpAccess } from '@errand/ports/importer';
import { invalidField } from '../../problems.ts';
import { completeAuth, withoutSecret } from '../auth/complete-auth.ts';
import { type CompletedMcpAuth, completeMcpAuth, MCP_TOKEN } from '../auth/complete-mcp-auth.ts';
import { authOfDocument, locationOf, missingCredentialWarnings } from '../auth/missing-credential.ts';
import { catalogFieldsOf } from '../newer-entry.ts';
import { checkSettings, hasSecret, hostOf, newSettings, type SettingsInput, withOwnerValues } from '../settings.ts';

/** One document, which was read at the URL before if there are both; or several. */
export type Source = (DocumentSource & { documents?: undefined }) | { documents: readonly DocumentSource[] };

export type Registration = {
  name: string;
  /** Derived from the name by default. */
  customerIntegrationId?: string;
  /** `openapi` by default. */
  kind?: 'openapi' | 'mcp';
  source: Source;
  /** By default as the document requires, if users can give the credential; for an MCP server, as the server requires. Otherwise NONE. */
  auth?: Auth;
  /** The tools that are enabled at first. */
  enable: Enable;
  instructions?: string;
  verifyUrl?: string;
  approvalFloor?: ApprovalStrategy;
  /** Whether to trust the hints of an MCP server. */
  trustHints?: boolean;
  /** Effects by operation. */
  effects?: CreateIntegrationInput['effects'];
  /** The effects of its entry of the catalogue. */
  defaultEffects?: CreateIntegrationInput['effects'];
  rules?: Rules;
  /** Its entry of the catalogue. */
  entry?: CatalogEntry | undefined;
} & SettingsInput;

/**
 * Registers a service in a workspace.
 * @throws ProblemError integration_exists, integration_limit_reached, not_supported, openapi_invalid, openapi_too_large, mcp_failed, url_not_allowed, too_many_imports, validation_failed, oauth_failed, oauth_issuer_mismatch
 */
export function registerIntegration(
  { importer, connector }: { importer: Importer; connector: Connector },
  { workspaceId, workspaceDb }: { workspaceId: string; workspaceDb: WorkspaceDb },
  {
    name,
    customerIntegrationId = newCustomerIntegrationId(name),
    kind = 'openapi',
    source,
    auth,
    enable,
    instructions,
    verifyUrl,
    approvalFloor,
    trustHints = false,
    effects,
    defaultEffects,
    rules,
    entry,
    ...fields
  }: Registration,
  signal: AbortSignal,
): Promise<Integration> {
  const { address, expanded, settings } = settingsOf({ ...fields, kind, source, auth });
  const { variables, secrets: secretVariables, requests: requestSettings } = settings;
  const mcp = kind === 'mcp' ? { ...mcpAccess(auth, trustHints), variables, secretVariables } : undefined;
  const target = mcp
    ? { url: expanded ?? urlOf(source)! }
    : { ...source, ...(expanded !== undefined && { baseUrl: expanded }) };
  const request = {
    ...target,
    requestSettings,
    names: entry?.tools.names,
    workspaceId,
    customerIntegrationId,
    name,
    signal,
    mcp,
  };
  return importer.read(
    request,
    async ({ tokenLocation, oauth, requiredCredential, challenge, documents, ...service }) => {
      const documentAuth = authOfDocument({ requiredCredential }, requestSettings);
      const { token, warning, ...completed }: CompletedMcpAuth = mcp
        ? await completeMcpAuth(connector, auth, { workspaceId, url: service.baseUrl, challenge })
        : await completeAuth(connector, auth ?? documentAuth, {
            workspaceId,
            tokenLocation: (auth ? undefined : locationOf(documentAuth)) ?? tokenLocation,
            oauth,
          });
      checkSettings(settings, { kind, baseUrl: address, auth: completed.auth, hasOwnerSecret: token != null });
      return workspaceDb.integrations.create({
        ...service,
        ...(address?.includes('{') && { baseUrl: address, host: hostOf(expanded ?? address) }),
        ownerBaseUrl: address !== undefined,
        variables,
        secretVariables,
        requestSettings,
        effects,
        defaultEffects,
        needsReview: completed.pendingIssuer !== undefined,
        warnings: [
          ...missingCredentialWarnings(completed.auth, { requiredCredential }),
          ...service.warnings,
          ...(warning === undefined ? [] : [warning]),
        ],
        ...storedSource(source, documents ?? []),
        ...completed,
        customerIntegrationId,
        name,
        kind,
        trustHints,
        ...(entry && {
          catalogId: entry.id,
          catalogVersion: entry.version,
          catalogFields: catalogFieldsOf(entry, kind),
        }),
        enable,
        token: token ?? undefined,
        instructions,
        verifyUrl,
        approvalFloor,
        ...(rules && { rules }),
      });
    },
  );
}

/** The checked settings of a registration. `address`: the URL of the service, if the owner gave it; `expanded`: with the owner's values. */
function settingsOf({
  kind = 'openapi',
  source,
  auth = { type: 'NONE' },
  ...fields
}: SettingsInput & Pick<Registration, 'kind' | 'source' | 'auth'>) {
  if (kind === 'mcp' && fields.baseUrl !== undefined)
    throw invalidField('/baseUrl', 'An MCP server has no baseUrl: send its address as url.');
  // The import checks an address without variables.
  const url = urlOf(source);
  const address = kind === 'mcp' ? (url?.includes('{') ? url : undefined) : fields.baseUrl;
  const settings = newSettings(fields, { kind, baseUrl: address, auth, hasOwnerSecret: hasSecret(auth) });
  const expanded = address === undefined ? undefined : withOwnerValues(address, settings.variables);
  return { address, expanded, settings };
}

/** How the tools of an MCP server are read with the auth of the owner. */
export function mcpAccess(auth: Auth | undefined, trustHints: boolean): McpAccess {
  // Without auth, the server's own answer decides whether it needs a consent.
  if (auth?.type !== 'API_TOKEN') return { trustHints, auth: { type: 'NONE' }, allowsChallenge: auth?.type !== 'NONE' };
  const token = auth.token === undefined ? {} : { token: new Secret(auth.token) };
  return { trustHints, auth: withoutSecret(auth, MCP_TOKEN), ...token };
}

const urlOf = (source: Source): string | undefined => (source.documents ? undefined : source.url);

/** The source as an integration stores it. A document with a URL is read again from there. */
function storedSource(source: Source, documents: readonly ImportedDocument[]) {
  if (source.documents) return { documents: documents.map(toStoredDocument) };
  if (source.url !== undefined) return { sourceUrl: source.url, pick: source.pick };
  const [document] = documents;
  return { document: document && Buffer.concat(document.bytes), pick: source.pick };
}

export const toStoredDocument = ({ url, pick, sha256, bytes }: ImportedDocument): StoredDocument => ({
  ...(url === undefined ? { text: Buffer.concat(bytes).toString() } : { url }),
  ...(pick && { pick }),
  sha256,
});

/** A document as text. */
export const documentText = (document: CreateIntegrationInput['document']): string | undefined =>
  typeof document === 'object' ? JSON.stringify(document) : document;

type SourceInput = Partial<
  Pick<CreateIntegrationInput, 'kind' | 'document' | 'url' | 'pick' | 'documents' | 'baseUrl'>
>;

/** The source of a new integration. @throws ProblemError validation_failed */
export function readSource({ kind, documents, ...input }: SourceInput): Source {
  const { document, url, pick } = input;
  if (kind === 'mcp') {
    const field = Object.entries({ document, pick, documents, baseUrl: input.baseUrl }).find(([, value]) => value);
    if (url !== undefined && !field) return { url };
    throw invalidField(`/${field?.[0] ?? 'url'}`, 'Send the url of the MCP server, and no document.');
  }
  if (!documents) return { ...readDocument({ document, url }, ''), ...(pick && { pick }) };
  const other = Object.entries({ document, url, pick }).find(([, value]) => value !== undefined);
  if (other)
    throw invalidField(`/${other[0]}`, 'With `documents`, each of them has its own document or url, and pick.');
  return {
    documents: documents.map(({ pick: pickOfDocument, ...one }, index) => ({
      ...readDocument(one, `/documents/${index}`),
      ...(pickOfDocument && { pick: pickOfDocument }),
    })),
  };
}

function readDocument({ document, url }: Pick<SourceInput, 'document' | 'url'>, pointer: string): DocumentSource {
  const text = documentText(document);
  if (text !== undefined && url === undefined) return { document: text };
  if (url !== undefined && text === undefined) return { url };
  throw invalidField(`${pointer}/document`, 'Send either the OpenAPI document, or the url at which it is.');
}
