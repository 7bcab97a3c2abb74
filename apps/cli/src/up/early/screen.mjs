// The output of `errand up` and `pnpm start`: a line per step, with a tick and seconds. A terminal shows the progress of the current step in its line.
import { performance } from 'node:perf_hooks';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
/** Without a terminal, a step that takes longer than this is announced, in ms. */
const QUIET_MS = 1000;

/** @typedef {ReturnType<typeof createScreen>} Screen */

/** @param {NodeJS.ProcessEnv} env */
export function createScreen(env, out = process.stdout) {
  const live = Boolean(out.isTTY) && !env.CI && env.TERM !== 'dumb';
  const colored = live && !env.NO_COLOR;
  /** @param {number} color @param {string} text */
  const paint = (color, text) => (colored ? `\x1b[${color}m${text}\x1b[0m` : text);
  // a closed terminal or reader
  for (const stream of [out, process.stderr]) stream.on('error', () => {});
  /** @type {{ name: string, detail: string, began: number, frame: number, timer?: NodeJS.Timeout } | undefined} */
  let current;

  function draw() {
    if (!current) return;
    const { name, detail, began, frame } = current;
    const text = row(FRAMES[frame % FRAMES.length] ?? '', name, seconds(began, 0), detail);
    current.frame++;
    // one write per frame, at most as wide as the terminal: no flicker, no second line
    out.write(`\r${text.slice(0, (out.columns || 80) - 1)}\x1b[K`);
  }

  /** @param {string} mark @param {string} [detail] */
  function finish(mark, detail) {
    if (!current) return;
    const { name, began, timer } = current;
    clearInterval(timer);
    current = undefined;
    out.write(`${live ? '\r\x1b[K' : ''}${mark} ${row('', name, seconds(began, 1), detail).slice(2)}\n`);
  }

  return {
    /** Begins a step; the previous one must have ended. @param {string} name */
    begin(name) {
      current = { name, detail: '', began: performance.now(), frame: 0 };
      if (live) {
        draw();
        current.timer = setInterval(draw, FRAME_MS);
      } else {
        current.timer = setTimeout(() => out.write(`  ${name} …\n`), QUIET_MS);
      }
    },
    /** Shows the progress of the step. @param {string} detail */
    update(detail) {
      if (current) current.detail = detail;
    },
    done: (/** @type {string} */ detail) => finish(paint(32, '✔'), detail),
    /** Marks the current step, if any, as failed or stopped. */
    failed: () => finish(paint(31, '✖'), current?.detail),
    stopped: () => finish('–', current?.detail),
    say: (/** @type {string} */ text) => out.write(`${text}\n`),
    warn: (/** @type {string} */ text) => process.stderr.write(`${text}\n`),
  };
}

/** @param {number} began @param {number} digits */
const seconds = (began, digits) => `${((performance.now() - began) / 1000).toFixed(digits)} s`;

/** @param {string} mark @param {string} name @param {string} time @param {string} [detail] */
const row = (mark, name, time, detail) =>
  `${mark.padEnd(1)} ${name.padEnd(9)}${time.padStart(7)}  ${detail ?? ''}`.trimEnd();
