// Drives a Chromium of this machine from a script. Downloads nothing.
import { accessSync, constants } from 'node:fs';
import { chromium } from 'playwright-core';

const usual = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * Starts the Chromium that `ERRAND_CHROMIUM` names, or the first of the usual ones, headless.
 * @returns a browser of playwright-core; the caller closes it
 * @throws Error that names the package to install
 */
export function launchChromium() {
  const named = process.env.ERRAND_CHROMIUM;
  const executablePath = (named ? [named] : usual).find(isExecutable);
  if (!executablePath && named) throw new Error(`ERRAND_CHROMIUM names ${named}, which cannot be run.`);
  if (!executablePath) {
    const install = 'Install it (Debian: apt-get install chromium), or set ERRAND_CHROMIUM to its path.';
    throw new Error(`No Chromium was found. ${install}`);
  }
  // Chromium's sandbox does not work for root.
  const chromiumSandbox = process.getuid?.() !== 0;
  return chromium.launch({ executablePath, chromiumSandbox, args: ['--disable-dev-shm-usage'] });
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
