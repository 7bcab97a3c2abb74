// The arguments of a call in the person's editor.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliEnv } from '../environment/config.ts';
import { Failure, usageFailure } from '../outcome/failure.ts';
import { visibleJson } from '../terminal/visible.ts';

export type Args = Record<string, unknown>;

const DEFAULT_EDITOR = process.platform === 'win32' ? 'notepad' : 'vi';

/** @returns the edited arguments; undefined if they are unchanged */
export async function editArgs(args: unknown, { editor = DEFAULT_EDITOR }: CliEnv): Promise<Args | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'errand-args-'));
  const path = join(folder, 'arguments.json');
  try {
    const before = `${visibleJson(args ?? {}, 2)}\n`;
    writeFileSync(path, before, { mode: 0o600 });
    // An editor may have arguments, as in `code --wait`. The path is none of the text that a shell would read.
    const [program = DEFAULT_EDITOR, ...words] = editor.split(/\s+/).filter(Boolean);
    const [code] = await once(spawn(program, [...words, path], { stdio: 'inherit' }), 'exit').catch((cause) => {
      throw new Failure(`The editor ${program} cannot be started.`, { remedy: 'Set VISUAL or EDITOR.', cause });
    });
    if (code !== 0) throw new Failure(`The editor ended with ${code}. Nothing was decided.`);
    const after = readFileSync(path, 'utf8');
    return after === before ? undefined : parseArgs(after);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function parseArgs(text: string): Args {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Args;
  } catch {
    // The message below says what to do.
  }
  throw usageFailure('The edited arguments are not a JSON object. Nothing was decided.');
}

const MAX_DEPTH = 20;

/** The arguments with the members of `path=value` arguments: `body.amount=100`. A value that is JSON is read as JSON. */
export function withArgs(args: unknown, pairs: readonly string[]): Args {
  const changed = structuredClone(typeof args === 'object' && args !== null ? args : {}) as Args;
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1) throw usageFailure(`"${pair}" is no argument.`, 'Write <name>=<value>, e.g. body.amount=100.');
    const path = pair.slice(0, equals).split('.');
    if (path.length > MAX_DEPTH || path.includes('__proto__')) throw usageFailure(`"${pair}" is no argument.`);
    let target = changed;
    for (const name of path.slice(0, -1)) {
      const inner = target[name];
      if (typeof inner !== 'object' || inner === null) target[name] = {};
      target = target[name] as Args;
    }
    target[path.at(-1)!] = jsonOrText(pair.slice(equals + 1));
  }
  return changed;
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
