// The programs of `errand up`, for the scripts that start them: they are imported from the last build.
import { dirname, join, resolve } from 'node:path';
import { createScreen } from '../apps/cli/src/up/early/screen.mjs';

/** @typedef {import('../apps/cli/src/up/service/stack.ts').Stack} Stack */

const root = dirname(import.meta.dirname);
export const dataDir = resolve(process.env.ERRAND_DATA_DIR ?? join(root, '.errand'));

/** The built modules. @returns {Promise<typeof import('../apps/cli/src/up/service/stack.ts')>} */
export const loadStack = () => import(new URL('../apps/cli/dist/up/service/stack.js', import.meta.url).href);

/** The built demo. @returns {Promise<typeof import('../apps/demo/src/index.ts')>} */
export const importDemo = () => import(new URL('../apps/demo/dist/index.js', import.meta.url).href);

/**
 * A stack with the settings of the environment.
 * @param {import('../apps/cli/src/up/early/screen.mjs').Screen} [screen]
 * @returns {Promise<Stack>}
 */
export async function openStack(screen = createScreen(process.env)) {
  const { checkNames, createStack } = await loadStack();
  const origins = Object.keys(process.env).map((name) => ({ name, file: undefined }));
  checkNames({ values: process.env, origins }, screen.warn);
  return createStack({ dataDir, settings: process.env, withDemo: true, screen });
}
