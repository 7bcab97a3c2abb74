import { dirname } from 'node:path';
import { up } from '../../apps/cli/src/up/early/up.mjs';
import { readUpArguments } from '../../apps/cli/src/up/early/up-arguments.mjs';
import { readSettings } from '../../apps/server/src/config/settings-files.mjs';
import { loadStack } from '../stack.mjs';
import { prepare } from './prepare.mjs';

const root = dirname(dirname(import.meta.dirname));

/** @param {readonly string[]} argv @returns {Promise<number>} the exit code */
export async function start(argv) {
  const args = readUpArguments(argv);
  if ('fault' in args) {
    console.error(args.fault);
    return 2;
  }
  return up({ env: process.env, folder: root, args, readSettings, prepare, load: loadStack });
}
