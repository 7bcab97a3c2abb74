import { isKnownName, settingNames } from '@errand/server/setting-names';

/** The longest time that a process needs to end after its lame duck, in seconds: DRAIN_MS of apps/server/src/main.ts. */
export const DRAIN_SECONDS = 30;

/** Maximum connections of a process: DEFAULT_POOL_SIZE and CONNECTIONS_BEYOND_POOL of apps/server/src/start/database.ts. */
export const CONNECTIONS = 17;

/** The names that would end the start of the service, or that it would ignore. */
export const unknownSettings = (names: readonly string[]): string[] =>
  names.filter((name) => !(settingNames.includes(name) || isKnownName(name)));
