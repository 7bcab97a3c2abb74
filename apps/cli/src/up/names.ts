// Names that begin with ERRAND_ in the environment.
import { settingNames } from '@errand/server/setting-names';

/** An environment for the service, without names that begin with ERRAND_ and are no settings: it would refuse them. */
export const settingsAlone = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith('ERRAND_') || settingNames.includes(name)),
  );
