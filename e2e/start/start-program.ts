// `pnpm start`, as a person runs it.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aFolder, type Program, startProgram } from '../fixtures/program.ts';

const script = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

export const start = (dataDir: string, env: Record<string, string> = {}): Program =>
  startProgram(dataDir, [script], { env: { PORT: '0', ...env } });

export const aDataDir = () => join(aFolder(), 'data');

/** Like Ctrl-C: a signal to the whole group. */
export const pressCtrlC = ({ child }: Program) => process.kill(-child.pid!, 'SIGINT');
