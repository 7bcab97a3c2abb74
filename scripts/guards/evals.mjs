// The recorded figures of the evals are valid only for the measured sources.
import { createHash } from 'node:crypto';

const FIGURES = 'evals/figures.json';
const measured = /^(evals|packages\/planner-english\/src)\//;
const unmeasured = /\.test\.ts$|\.md$|^evals\/(figures|package|tsconfig)\.json$/;

/** @typedef {{ path: string, text: string }} File */

/** @param {File[]} files of the project @returns a digest of the planner, the cases and the code that judges them */
export function evalsDigest(files) {
  const hash = createHash('sha256');
  const sources = files.filter(({ path }) => measured.test(path) && !unmeasured.test(path));
  for (const { path, text } of sources.sort((a, b) => (a.path < b.path ? -1 : 1))) hash.update(`${path}\0${text}\0`);
  return hash.digest('hex');
}

/** @param {File[]} files of the project @returns a fault if the figures were measured on other sources */
export function staleFigures(files) {
  const figures = files.find(({ path }) => path === FIGURES);
  const { digest } = JSON.parse(figures?.text ?? '{}');
  return digest === evalsDigest(files) ? [] : [`${FIGURES}: the planner or its evals changed. Run pnpm evals`];
}
