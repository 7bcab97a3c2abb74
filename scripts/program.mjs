// `pnpm bench` and `pnpm faults`: builds, compiles the program and runs it. bench/main.ts and e2e/faults/main.ts describe the arguments.
import { build } from './build.mjs';
import { run } from './command.mjs';

const programs = {
  bench: ['bench/tsconfig.json', '../bench/dist/main.js'],
  faults: ['e2e/faults/tsconfig.json', '../e2e/dist/faults/main.js'],
};
const [name, ...args] = process.argv.slice(2).filter((arg, i) => i !== 1 || arg !== '--');
const [project = '', program = ''] = programs[/** @type {keyof typeof programs} */ (name)];

const built = await build();
const { code, output } = built.ok ? await run('tsc', ['-p', project]) : { code: 1, output: built.output };
if (code !== 0) console.error(output);
// Without this exit, Node 20 sometimes loops forever while it closes closed handles.
process.exit(code || (await (await import(program)).main(args)));
