// Newer entries of the catalogue: an integration keeps its own copy until its owner refreshes it.
import { isDeepStrictEqual } from 'node:util';
import { type CatalogEntry, type CatalogKind, type Integration, kindsOf } from '@errand/contracts';
import type { CatalogFields, Connection, IntegrationPatch } from '@errand/db';
import type { Catalog } from '@errand/ports/catalog';
import { argumentsOf, rulesOf, withoutUndefined } from '../catalog/apply-entry.ts';
import type { Context } from '../context.ts';
import { changedSettings } from './settings.ts';

const SETTINGS = ['headers', 'query', 'arguments'] as const;

/** The fields that an entry gives to an integration, and that a newer entry may change. */
export function catalogFieldsOf(entry: CatalogEntry, kind: CatalogKind): CatalogFields {
  const rules = rulesOf(entry);
  if (kind === 'mcp') return kindsOf(entry).includes('openapi') ? {} : withoutUndefined({ rules });
  return withoutUndefined({ headers: entry.headers, query: entry.query, arguments: argumentsOf(entry), rules });
}

/** The integration, with the newer version of its entry if there is one. */
export async function withNewer(catalog: Catalog, integration: Integration): Promise<Integration> {
  if (!integration.catalog) return integration;
  const { id, version } = integration.catalog;
  const entry = await catalog.get(id);
  if (!entry || entry.version <= version) return integration;
  return { ...integration, needsReview: true, catalog: { id, version, newer: entry.version } };
}

/** The names that the entry of an integration gives to operations. */
export async function namesOf(catalog: Catalog, { catalogId }: Connection) {
  const entry = catalogId === undefined ? undefined : await catalog.get(catalogId);
  return entry?.tools.names;
}

/** Applies a newer entry to the fields that the owner has not changed. @returns the integration afterwards */
export async function applyNewerEntry(
  { deps, workspaceDb }: Pick<Context, 'deps' | 'workspaceDb'>,
  connection: Connection,
): Promise<Connection> {
  const { catalogId, catalogVersion = '', kind, customerIntegrationId, registrationId } = connection;
  const { requestSettings, rules } = connection;
  const entry = catalogId === undefined ? undefined : await deps.catalog.get(catalogId);
  if (!entry || entry.version <= catalogVersion) return connection;
  const given = connection.catalogFields ?? {};
  const fields = catalogFieldsOf(entry, kind);
  const isUnchanged = (name: keyof CatalogFields, current: unknown) =>
    isDeepStrictEqual(current ?? {}, given[name] ?? {});
  const settings = SETTINGS.filter((name) => isUnchanged(name, requestSettings?.[name]));
  const changes = Object.fromEntries(settings.map((name) => [name, fields[name] ?? null]));
  const patch: IntegrationPatch = {
    settings: (stored) => changedSettings(stored, changes, stored.hasToken),
    ...(isUnchanged('rules', rules) && { rules: fields.rules ?? null }),
  };
  await workspaceDb.integrations.patch(customerIntegrationId, patch, registrationId);
  await workspaceDb.integrations.setCatalogEntry(connection, { version: entry.version, fields });
  return (await workspaceDb.integrations.connection(customerIntegrationId)) ?? connection;
}
