// Checks of the set-up of a service on this machine, whether it runs or not. They change nothing in its database.

import { createRedactor } from '@errand/basics/redactor';
import type { Growth } from '@errand/db';
import { hostUrls } from '@errand/db/host-urls';
import { type Config, toConfig } from '../config/config.ts';
import { settingNames } from '../config/names.ts';
import { ConfigError } from '../config/setting.ts';
import { findingsOfDatabase } from './database-findings.ts';
import { diskFinding, freeBytesOf } from './disk.ts';
import { type Finding, failed, ok, withoutConfiguration } from './finding.ts';
import { modelFindings } from './reachability.ts';
import { retentionFinding } from './retention-finding.ts';
import { within } from './within.ts';

export type Machine = {
  /** The settings of the service, by name. */
  settings: Readonly<Record<string, string | undefined>>;
  /** Its data folder. */
  dataDir: string;
  /** Origins of integrations that stopped with the service. */
  stopped?: readonly string[];
};

/** Checks the settings, the disk, the database and the outbound calls of a service. Each check has a time limit. */
export async function diagnose({ settings, dataDir, stopped = [] }: Machine): Promise<Finding[]> {
  const secrets = createRedactor();
  try {
    const own = settingNames.flatMap((name) => (settings[name] ? [[name, settings[name]]] : []));
    const config = toConfig({ ...Object.fromEntries(own), ERRAND_DATA_DIR: dataDir });
    addSecrets(config, secrets.add);
    const isEmbedded = config.databaseUrl === undefined;
    const measured: { growth?: Growth | undefined } = {};
    const onGrowth = (growth: Growth | undefined) => {
      measured.growth = growth;
    };
    const [disk, database, model] = await Promise.all([
      config.usesDataDir
        ? within('disk', () => diskFinding(config.dataDir, isEmbedded))
        : ok('disk', 'The service uses no data folder.'),
      findingsOfDatabase({ config, addSecret: secrets.add, stopped, onGrowth }),
      modelFindings(config),
    ]);
    // The size of the disk of another Postgres is unknown.
    const { growth } = measured;
    const freeBytes = growth && isEmbedded ? await freeBytesOf(config.dataDir, true).catch(() => undefined) : undefined;
    const retention = retentionFinding(config.retention, growth && { ...growth, freeBytes });
    const all = [ok('settings', 'The settings are valid.'), disk, ...database, retention, ...[model].flat()];
    return all.map((finding) => ({ ...finding, text: secrets.redact(finding.text) }));
  } catch (error) {
    if (error instanceof ConfigError) return withoutConfiguration(failed('settings', error.message));
    throw error;
  }
}

function addSecrets(config: Config, add: (secret: string) => void): void {
  const { databaseUrl, tenantDatabaseUrl, ownerDatabaseUrl, egressProxy, model } = config;
  const urls = [databaseUrl, tenantDatabaseUrl, ownerDatabaseUrl, egressProxy];
  for (const url of urls.flatMap((secret) => secret?.reveal() ?? [])) {
    add(url);
    const { password, searchParams } = new URL(url === egressProxy?.reveal() ? url : hostUrls(url)[0]);
    for (const secret of [password, searchParams.get('password') ?? '']) add(decodeURIComponent(secret));
  }
  for (const key of [model?.apiKey, model?.fallback?.apiKey]) add(key?.reveal() ?? '');
}
