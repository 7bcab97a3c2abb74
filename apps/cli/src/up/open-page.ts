import { spawn } from 'node:child_process';

const openers: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = {
  darwin: ['open'],
  // The empty text is the title of the window; otherwise `start` takes the address for it.
  win32: ['cmd', '/c', 'start', '""'],
};

/** Opens a page in the browser of this machine, if it has one. */
export function openPage(url: string): void {
  const [command, ...args] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
