import { spawn } from 'node:child_process';
import { once } from 'node:events';

// Reads folders until its input ends, which happens however the harness ends. Then it kills every process with one of the folders in its
// environment or command line, including frozen ones, and removes the folders. Their names are unique.
const SCRIPT = `
set --
while IFS= read -r folder; do set -- "$@" "$folder"; done
for round in 1 2 3; do
  for process in /proc/[0-9]*; do
    pid="\${process#/proc/}"
    [ "$pid" = "$$" ] && continue
    for folder in "$@"; do
      if cat "$process/environ" "$process/cmdline" 2>/dev/null | tr '\\0' '\\n' | grep -qF -- "$folder"; then
        kill -KILL "$pid" 2>/dev/null
      fi
    done
  done
done
for folder in "$@"; do rm -rf -- "$folder"; done
`;

export type Guardian = {
  /** When the harness ends, the processes that name this folder are killed and the folder is removed. */
  guard(folder: string): void;
  /** Cleans up now. */
  end(): Promise<void>;
};

/** Outlives this process by a moment, to clean up after it however it ended. */
export function startGuardian(): Guardian {
  // Its own group: Ctrl-C in a terminal must not reach it.
  const child = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/' });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  const ended = once(child, 'exit');
  return {
    guard: (folder) => void child.stdin.write(`${folder}\n`),
    async end() {
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
}
