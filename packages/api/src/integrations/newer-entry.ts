// Newer entries of the catalogue: an integration keeps its own copy until its owner refreshes it.
import { isDeepStrictEqual } from 'node:util';
import { type CatalogEntry, type CatalogKind, type Integration, kindsOf, type Rules } from '@errand/contracts';
import type { CatalogChange, CatalogFields, Connection } from '@errand/db';
import type { Catalog } from '@errand/ports/catalog';
import { argumentsOf, rulesOf, withoutUndefined } from '../catalog/apply-entry.ts';
import type { Context } from '../context.ts';
import { changedSettings } from './settings.ts';

const SETTINGS = ['headers', 'query', 'arguments'] as const;
const FIELDS = [...SETTINGS, 'rules'] as const;

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

/** Whether calls name their trace is a choice of its own: it leaves the other rules to the entry. */
const withoutTrace = ({ traceparent: _, ...rules }: Rules = {}): Rules => rules;

/** `connection`: with the fields of a newer entry. `change`: stores them, together with the tools that are read with them. */
export type Updated = { connection: Connection; change?: CatalogChange };

/**
 * An integration with a newer entry, if there is one: in the fields that the owner has not changed.
 * @throws ProblemError validation_failed if the integration cannot have these fields
 */
export async function withNewerEntry(
  { deps, workspaceDb }: Pick<Context, 'deps' | 'workspaceDb'>,
  connection: Connection,
): Promise<Updated> {
  const { catalogId, catalogVersion = '', kind, customerIntegrationId, catalogFields: given = {} } = connection;
  const entry = catalogId === undefined ? undefined : await deps.catalog.get(catalogId);
  if (!entry || entry.version <= catalogVersion) return { connection };
  const fields = catalogFieldsOf(entry, kind);
  const isUnchanged = (stored: CatalogFields, name: keyof CatalogFields) =>
    name === 'rules'
      ? isDeepStrictEqual(withoutTrace(stored.rules), withoutTrace(given.rules))
      : isDeepStrictEqual(stored[name] ?? {}, given[name] ?? {});
  const apply = (stored: CatalogFields): CatalogFields => {
    const applied: CatalogFields = withoutUndefined(
      Object.fromEntries(FIELDS.map((name) => [name, isUnchanged(stored, name) ? fields[name] : stored[name]])),
    );
    const traceparent = stored.rules?.traceparent;
    if (traceparent === given.rules?.traceparent) return applied;
    return { ...applied, rules: withoutUndefined({ ...withoutTrace(applied.rules), traceparent }) };
  };
  const { rules = {}, ...requestSettings } = apply({ ...connection.requestSettings, rules: connection.rules });
  const settings = Object.fromEntries(SETTINGS.map((name) => [name, requestSettings[name] ?? null]));
  await workspaceDb.integrations.checkSettings(customerIntegrationId, (stored) =>
    changedSettings(stored, settings, stored.hasToken),
  );
  return {
    connection: { ...connection, requestSettings, rules },
    change: { version: entry.version, fields, apply },
  };
}
