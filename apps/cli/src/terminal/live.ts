// Lines that stay, and below them lines that change while something happens, on stderr.
import type { Channel, Terminal } from './terminal.ts';
import { fit } from './width.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 120;
/** The most changing lines, and the most lines that are kept while a person is asked. */
const MAX_CHANGING = 5;
const MAX_KEPT = 200;

export type Live = {
  /** Adds lines that stay. */
  print(lines: readonly string[]): void;
  /** Replaces the lines that change. Each gets a spinner. On a terminal that cannot move its cursor they are not shown. */
  change(lines: readonly string[]): void;
  /** Hides the changing lines and keeps new ones back, until `resume`. */
  pause(): void;
  resume(): void;
  stop(): void;
};

export function createLive({ err, movesCursor }: Terminal): Live {
  return movesCursor ? new MovingLive(err) : { ...plainLive(err) };
}

const plainLive = (channel: Channel): Live => ({
  print: (lines) => channel.write(lines.map((line) => `${line}\n`).join('')),
  change: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
  stop: () => undefined,
});

class MovingLive implements Live {
  #changing: readonly string[] = [];
  #drawn = 0;
  #frame = 0;
  #kept: string[] | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly channel: Channel) {}

  print(lines: readonly string[]): void {
    if (this.#kept) {
      this.#kept.push(...lines);
      this.#kept.splice(0, Math.max(0, this.#kept.length - MAX_KEPT));
      return;
    }
    this.channel.write(this.#erasing() + lines.map((line) => `${line}\n`).join('') + this.#drawing());
  }

  change(lines: readonly string[]): void {
    this.#changing = lines.slice(0, MAX_CHANGING);
    this.#redraw();
    if (lines.length > 0) this.#timer ??= setInterval(() => this.#redraw(), FRAME_MS).unref();
    else this.#endTimer();
  }

  pause(): void {
    this.channel.write(this.#erasing());
    this.#kept ??= [];
  }

  resume(): void {
    const lines = this.#kept ?? [];
    this.#kept = undefined;
    this.print(lines);
  }

  stop(): void {
    this.#endTimer();
    this.#changing = [];
    if (this.#kept) this.resume();
    this.channel.write(this.#erasing());
  }

  #endTimer(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #redraw(): void {
    if (this.#kept) return;
    this.#frame = (this.#frame + 1) % FRAMES.length;
    this.channel.write(this.#erasing() + this.#drawing());
  }

  /** Removes the changing lines from the terminal. */
  #erasing(): string {
    const sequence = this.#drawn > 0 ? `\x1b[${this.#drawn}A\x1b[0J` : '';
    this.#drawn = 0;
    return sequence;
  }

  #drawing(): string {
    this.#drawn = this.#changing.length;
    const mark = this.channel.colors.cyan(FRAMES[this.#frame]!);
    // The last column stays free: some terminals break a line that fills it.
    return this.#changing.map((line) => `${mark} ${fit(line, this.channel.columns() - 3)}\n`).join('');
  }
}
