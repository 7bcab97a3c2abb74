import { type Config, readFolderEnv, toConfig } from '../config/config.ts';

/** The configuration of a command of the operator: that of `errand up` in this folder. Ends the process with 1 if a setting is wrong. */
export function readOperatorConfig(): Config {
  try {
    return toConfig(readFolderEnv());
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}
