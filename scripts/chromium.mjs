// A Chromium of this machine, driven from a script. Nothing is downloaded: who has none is told what to install.
import { accessSync, constants } from 'node:fs';
import { chromium } from 'playwright-core';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * Where Chromium is: `ERRAND_CHROMIUM`, else the first of the usual places.
 * @throws Error that says what to install
 */
export function findChromium() {
  const named = process.env.ERRAND_CHROMIUM;
  const found = (named ? [named] : places).find(isExecutable);
  if (found) return found;
  throw new Error(
    named
      ? `ERRAND_CHROMIUM names ${named}, which cannot be run.`
      : 'No Chromium was found. Install it (Debian: apt-get install chromium), or set ERRAND_CHROMIUM to where it is.',
  );
}

/**
 * Starts it without a window.
 * @returns a browser of playwright-core; close it
 * @throws Error that says what to install
 */
export const launchChromium = () =>
  chromium.launch({
    executablePath: findChromium(),
    // Chromium's sandbox does not work for root.
    chromiumSandbox: process.getuid?.() !== 0,
    args: ['--disable-dev-shm-usage'],
  });

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
