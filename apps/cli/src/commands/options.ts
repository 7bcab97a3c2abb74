// How options are read. Each throws a usage error that says what is valid.
import { readFileSync } from 'node:fs';
import type { Cli } from '../cli/cli.ts';
import { usageFailure } from '../outcome/failure.ts';
import { readInput } from '../terminal/ask.ts';
import { parseSince } from '../terminal/times.ts';

/** Collects an option that may be given several times. */
export const collect = (value: string, values: readonly string[] = []): string[] => [...values, value];

export function wholeNumber(name: string, { min = 1, max = Number.MAX_SAFE_INTEGER } = {}) {
  return (text: string): number => {
    const number = Number(text);
    if (/^-?\d+$/.test(text) && number >= min && number <= max) return number;
    throw usageFailure(`${name} must be a whole number from ${min} to ${max}.`);
  };
}

/** A choice in the words of the command line: `on-write` for ON_WRITE. */
export function choice<const Values extends readonly string[]>(name: string, values: Values) {
  return (text: string): Values[number] => {
    const value = values.find((each) => each === text || each === text.toUpperCase().replaceAll('-', '_'));
    if (value !== undefined) return value;
    const words = values.map((each) => each.toLowerCase().replaceAll('_', '-'));
    throw usageFailure(`${name} cannot be "${text}".`, `Choices: ${words.join(', ')}.`);
  };
}

/** A duration back from now (`24h`, `7d`) or a time. */
export function moment(name: string) {
  return (text: string): string => {
    const time = parseSince(text, Date.now());
    if (time !== undefined) return time;
    throw usageFailure(`${name} cannot be "${text}".`, 'Write 30m, 24h or 7d, or a time such as 2026-01-31T09:00:00Z.');
  };
}

/** `key=value` pairs as an object. */
export function pairs(name: string, list: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    list.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw usageFailure(`${name} cannot be "${pair}".`, 'Write <key>=<value>.');
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

const MAX_FILE = 6 * 1024 * 1024;

/** The text of a file, or of stdin for `-`. */
export async function readText(path: string, cli: Cli): Promise<string> {
  if (path === '-') return readInput(cli.terminal, 'The input');
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length <= MAX_FILE) return text;
  } catch (error) {
    throw usageFailure(`${path} cannot be read: ${(error as Error).message}.`);
  }
  throw usageFailure(`${path} is larger than 6 MiB.`);
}

/** A JSON object from a file, or from stdin for `-`. */
export async function readJson(path: string, cli: Cli): Promise<Record<string, unknown>> {
  const text = await readText(path, cli);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw usageFailure(`${path === '-' ? 'stdin' : path} is not JSON: ${(error as Error).message}.`);
  }
  throw usageFailure(`${path === '-' ? 'stdin' : path} is not a JSON object.`);
}
