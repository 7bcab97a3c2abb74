// The service that runs from a data folder, by the files that it writes there.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from './json-files.mjs';

/**
 * @typedef {{ url: string, token: string }} Crm
 * @typedef {{ url: string, apiKey: string, crm?: Crm | undefined, loginLink?: string | undefined }} Running
 */

const ANSWER_MS = 2000;

/**
 * The service of the folder; undefined if none answers.
 * @param {string} dataDir
 * @returns {Promise<Running | undefined>}
 */
export async function findRunning(dataDir) {
  const dev = readJson(join(dataDir, 'dev.json'));
  if (!dev?.url || !(await answers(dev))) return undefined;
  const demo = readJson(join(dataDir, 'demo.json'));
  return { ...dev, crm: demo && { url: demo.url, token: demo.token } };
}

/** Whether a service has run from the folder, and has thus shown its API key. @param {string} dataDir */
export const hasStartedBefore = (dataDir) => existsSync(join(dataDir, 'dev.json'));

/** @param {Running} dev */
async function answers({ url, apiKey }) {
  // biome-ignore lint/nursery/noJsRestrictedProperties: this module is used before any package is installed
  const signal = AbortSignal.timeout(ANSWER_MS);
  const response = await fetch(`${url}/v1/integrations`, { headers: { 'x-api-key': apiKey }, signal }).catch(() => {});
  return response?.ok === true;
}
