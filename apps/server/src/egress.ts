import type { Db } from '@errand/db';
import { endpointOf, hostUrls } from '@errand/db/host-urls';
import { createEgress, type InstanceEgress } from '@errand/integrations';
import type { OriginsOf } from '@errand/toolbox';
import type { Config } from './config/config.ts';

type EgressSettings = Pick<
  Config,
  | 'port'
  | 'metricsPort'
  | 'publicUrl'
  | 'ownerDatabaseUrl'
  | 'egressAllow'
  | 'egressProxy'
  | 'workspaceOrigins'
  | 'workspaceLoopbackPorts'
>;

export type EgressSource = {
  config: EgressSettings;
  db: Pick<Db, 'listeners'>;
  /** The port of all processes of this machine that serve HTTP; unset: that of the settings. */
  ownPort?: number | undefined;
  /** URLs of its Postgres. */
  databaseUrls: readonly string[];
};

type Watch = {
  /** Called for each failed call. */
  log?: (failure: { code: string; origin: string; detail: string }) => void;
  onRefused?: () => void;
  /** Called with the first exception of the others. */
  onFault?: (error: unknown) => void;
};

/** The guard of outbound calls. Administrators allow origins only if the operator lets them. */
export function openEgress(
  { config, db, ownPort = config.port, databaseUrls }: EgressSource,
  originsOf: OriginsOf,
  watch: Watch = {},
): InstanceEgress {
  const ownerUrl = config.ownerDatabaseUrl?.reveal() ?? [];
  const limits = {
    machinePorts: config.workspaceLoopbackPorts,
    ownPorts: [ownPort, ...(config.metricsPort === undefined ? [] : [config.metricsPort])],
    listeners: db.listeners,
    ownOrigins: config.publicUrl === undefined ? [] : [new URL(config.publicUrl).origin],
    databasePorts: databaseUrls
      .concat(ownerUrl)
      .flatMap(hostUrls)
      .map((url) => endpointOf(url).port),
  };
  return createEgress({
    allowOrigins: config.egressAllow,
    proxyUrl: config.egressProxy?.reveal(),
    ...(config.workspaceOrigins && { workspaces: { originsOf: originsOf.read, limits } }),
    ...watch,
  });
}
