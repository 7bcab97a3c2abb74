// The last lines of the service's log, for a person.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { visible } from '../../terminal/visible.ts';

const MAX_BYTES = 32_768;
const MAX_LINES = 5;
const MAX_COLUMNS = 300;
const levels: Record<number, string> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** The last lines of a log from a position on. Lines of JSON are shown as time, level and message. */
export function lastLines(path: string, from: number): string[] {
  return readEnd(path, from)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-MAX_LINES)
    .map((line) => visible(readable(line)).slice(0, MAX_COLUMNS));
}

function readEnd(path: string, from: number): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const start = Math.max(Math.min(from, size), size - MAX_BYTES);
    const bytes = Buffer.alloc(size - start);
    readSync(file, bytes, 0, bytes.length, start);
    const text = bytes.toString('utf8');
    // The first line may be cut.
    return start > from ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    closeSync(file);
  }
}

type Entry = { time?: unknown; level?: unknown; msg?: unknown; err?: { message?: unknown } };

function readable(line: string): string {
  const entry = parseEntry(line);
  if (!entry) return line;
  const { time, level, msg, err } = entry;
  const clock = typeof time === 'number' || typeof time === 'string' ? timeOf(time) : '';
  const cause = typeof err?.message === 'string' && err.message !== msg ? `: ${err.message}` : '';
  return `${clock} ${levels[Number(level)] ?? level ?? ''} ${msg ?? ''}${cause}`.trim();
}

function parseEntry(line: string): Entry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function timeOf(time: number | string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(11, 19);
}
