import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The compared versions; both need Node 22. */
const PACKAGES = [
  'node@22',
  '@modelcontextprotocol/conformance@0.2.0-alpha.12',
  '@modelcontextprotocol/inspector@2.12.0',
];
const MAX_OUTPUT = 64 * 2 ** 20;

export type Output = { code: number; stdout: string; stderr: string };
/** Runs a program of the suites with Node 22. */
export type RunSuite = (program: 'conformance' | 'mcp-inspector', args: readonly string[]) => Promise<Output>;

/**
 * Fetches Node 22 and the suites from npm, once.
 * @param folder a temporary one
 */
export async function suitesIn(folder: string): Promise<RunSuite> {
  const home = join(folder, 'mcp-suites');
  const bin = (name: string) => join(home, 'node_modules', '.bin', name);
  if (!existsSync(bin('node'))) {
    await mkdir(home, { recursive: true });
    await writeFile(join(home, 'package.json'), '{"private":true}');
    const { code, stderr } = await run('npm', ['install', '--no-audit', '--no-fund', ...PACKAGES], home);
    if (code !== 0) throw new Error(`npm could not fetch the suites: ${stderr.slice(0, 2000)}`);
  }
  // The inspector writes files to the home directory.
  return (program, args) => run(bin('node'), [bin(program), ...args], home, { PATH: process.env.PATH, HOME: home });
}

const run = (program: string, args: readonly string[], cwd: string, env?: NodeJS.ProcessEnv): Promise<Output> =>
  new Promise((resolve) => {
    execFile(program, [...args], { cwd, maxBuffer: MAX_OUTPUT, ...(env && { env }) }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
  });
