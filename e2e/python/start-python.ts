// Programs in the Python of this machine, which find clients/python/errand.py.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { aFolder, type Program, startProgram } from '../fixtures/program.ts';

export const clientFolder = join(import.meta.dirname, '..', '..', 'clients', 'python');

type PythonOptions = { env?: Readonly<Record<string, string>>; cwd?: string; input?: boolean };

/**
 * Starts the Python that `ERRAND_PYTHON` names, or `python3`. Warnings are errors.
 * @throws Error that names the package to install
 */
export function startPython(args: readonly string[], { env = {}, ...options }: PythonOptions = {}): Program {
  const command = process.env.ERRAND_PYTHON ?? 'python3';
  const paths = { PYTHONPATH: clientFolder, PYTHONDONTWRITEBYTECODE: '1', PYTHONIOENCODING: 'utf-8' };
  requirePython(command);
  return startProgram(aFolder(), ['-W', 'error', ...args], { ...options, command, env: { ...paths, ...env } });
}

/** The output of a program that ends with 0. */
export async function runPython(args: readonly string[], options: PythonOptions = {}): Promise<string> {
  const program = startPython(args, options);
  const { code } = await program.ended;
  if (code !== 0) throw new Error(`Python ended with ${code}:\n${program.output()}`);
  return program.output();
}

function requirePython(command: string): void {
  const install = 'Install it (Debian: apt-get install python3), or set ERRAND_PYTHON to its path.';
  let version: string;
  try {
    version = execFileSync(command, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { encoding: 'utf8' });
  } catch {
    throw new Error(`No Python was found as ${command}. ${install}`);
  }
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major !== 3 || minor < 9)
    throw new Error(`${command} is Python ${version.trim()}, and 3.9 is needed. ${install}`);
}
