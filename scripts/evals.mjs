// `pnpm evals [set …]`: builds, and measures the built-in planner. evals/src/main.ts describes the arguments.
import { dirname } from 'node:path';
import { build } from './build.mjs';
import { evalsDigest } from './guards/evals.mjs';
import { read } from './guards/look.mjs';

const PROGRAM = '../evals/dist/main.js';
const built = await build();
if (!built.ok) console.error(built.output);
const args = process.argv.slice(2).filter((arg) => arg !== '--');
process.exit(built.ok ? await (await import(PROGRAM)).main(args, evalsDigest(read(dirname(import.meta.dirname)))) : 1);
