// The command line as an operator starts it, from the build.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));

export type Outcome = { code: number; stdout: string; stderr: string };

/** Carries out a command. @param input for its stdin */
export function errand(
  args: readonly string[],
  { env = {}, input = '', cwd }: { env?: Readonly<Record<string, string>>; input?: string; cwd?: string } = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env }, cwd };
    const child = execFile(process.execPath, [PROGRAM, ...args], options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

/** The answer of a command that must succeed. */
export async function answerOf(
  args: readonly string[],
  options?: Parameters<typeof errand>[1],
): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await errand([...args, '--json'], options);
  if (code !== 0) throw new Error(`errand ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}
