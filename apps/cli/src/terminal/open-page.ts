import { spawn } from 'node:child_process';
import type { CliEnv } from '../environment/config.ts';
import { Failure } from '../outcome/failure.ts';

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/**
 * Opens a page in the browser of the person, without a shell. A machine without a browser does nothing: the address is shown as well.
 * @throws Failure if the address is no page
 */
export function openPage(url: string, { browser }: Pick<CliEnv, 'browser'>): void {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) throw new Failure('The address is no page.');
  const [program, ...args] = browser ? [browser] : (OPENERS[process.platform] ?? ['xdg-open']);
  const child = spawn(program, [...args, new URL(url).href], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
