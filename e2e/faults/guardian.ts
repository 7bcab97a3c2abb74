import { spawn } from 'node:child_process';
import { once } from 'node:events';

// Reads folders until its input ends, which happens however the harness ends. Then it kills every service with its data in one of the
// folders, and every Postgres, including frozen ones, and removes the folders. Programs that only name a folder, such as a shell in it,
// are not part of the harness.
const SCRIPT = `
set --
uses() {
  { tr '\\0' '\\n' <"$1/environ"; tr '\\0' ' ' <"$1/cmdline"; } 2>/dev/null | grep -qF -e "ERRAND_DATA_DIR=$2/" -e " -D $2/"
}
while IFS= read -r folder; do set -- "$@" "$folder"; done
for round in 1 2 3; do
  for process in /proc/[0-9]*; do
    pid="\${process#/proc/}"
    [ "$pid" = "$$" ] && continue
    for folder in "$@"; do
      uses "$process" "$folder" && kill -KILL "$pid" 2>/dev/null
    done
  done
done
for folder in "$@"; do rm -rf -- "$folder"; done
`;

export type Guardian = {
  /** When the harness ends, the services and servers of this folder are killed and the folder is removed. */
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
