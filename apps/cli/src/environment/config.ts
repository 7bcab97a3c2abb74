// The environment of the command line; no other file of this app reads it.
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Empty variables count as not set. */
const read = (name: string): string | undefined => process.env[name] || undefined;

/** Settings of the command line, and facts about the terminal. docs/cli.md lists them. */
export function readCliEnv() {
  return {
    /** Where Errand is, for the key in `apiKey`. */
    url: read('ERRAND_URL'),
    apiKey: read('ERRAND_API_KEY'),
    profile: read('ERRAND_PROFILE'),
    /** Folder of the profiles. */
    configDir: read('ERRAND_CONFIG_DIR') ?? defaultConfigDir(),
    noColor: read('NO_COLOR') !== undefined,
    forceColor: read('FORCE_COLOR') !== undefined && read('FORCE_COLOR') !== '0',
    /** A terminal that only prints lines. */
    isDumb: read('TERM') === 'dumb' || read('CI') !== undefined,
    columns: Number(read('COLUMNS')) || undefined,
    editor: read('VISUAL') ?? read('EDITOR'),
    /** The program that opens pages, instead of the one of the system. */
    browser: read('BROWSER'),
    shell: read('SHELL'),
  };
}

export type CliEnv = ReturnType<typeof readCliEnv>;

function defaultConfigDir(): string {
  const base = process.platform === 'win32' ? read('APPDATA') : read('XDG_CONFIG_HOME');
  return join(base ?? join(homedir(), '.config'), 'errand');
}

/** The whole environment, for the programs that `errand up` starts, and for the settings of the service. */
export const readProcessEnv = (): NodeJS.ProcessEnv => ({ ...process.env });
