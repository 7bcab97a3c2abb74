import { parseArgs } from 'node:util';

/**
 * The arguments of `pnpm start`, which `errand up` takes too.
 * @param {readonly string[]} argv
 * @returns {import('./up.mjs').UpArguments | { fault: string }}
 */
export function readUpArguments(argv) {
  try {
    const { values } = parseArgs({
      args: argv.filter((arg) => arg !== '--'),
      options: {
        data: { type: 'string' },
        port: { type: 'string' },
        open: { type: 'boolean', default: false },
        'no-demo': { type: 'boolean', default: false },
        'without-backup': { type: 'boolean', default: false },
      },
    });
    const { data, port, open } = values;
    return { data, port, open, demo: !values['no-demo'], withoutBackup: values['without-backup'] };
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    return {
      fault: `${message.split('. ')[0]}. The options are --data, --port, --no-demo, --without-backup and --open.`,
    };
  }
}
