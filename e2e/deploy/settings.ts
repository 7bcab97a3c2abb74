import { isKnownName, settingNames } from '@errand/server/setting-names';

/** The longest time that a process needs to end after its lame duck, in seconds: DRAIN_MS of apps/server/src/main.ts. */
export const DRAIN_SECONDS = 30;

/** Settings of the same release. */
const AGREED = ['ERRAND_LAME_DUCK_SECONDS', 'ERRAND_METRICS_HOST', 'ERRAND_METRICS_PORT'];

/** The names that would end the start of the service, or that it would ignore. */
export const unknownSettings = (names: readonly string[]): string[] =>
  names.filter((name) => !(settingNames.includes(name) || isKnownName(name) || AGREED.includes(name)));
