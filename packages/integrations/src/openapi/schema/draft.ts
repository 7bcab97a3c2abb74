/** `input`: arguments of a call (closed objects, no readOnly members). `output`: its answer (no writeOnly members). */
export type Direction = 'input' | 'output';

/** A schema of a tool during the conversion, with the definitions that are still to be written, nearest first. */
export type Draft = {
  direction: Direction;
  names: Map<string, string>;
  usedNames: Set<string>;
  queue: { name: string; ref: string; isClosed: boolean }[];
};

export const newDraft = (direction: Direction): Draft => ({
  direction,
  names: new Map(),
  usedNames: new Set(),
  queue: [],
});

/** A reference of a definition, with the name that it uses. */
export type Link = { ref: string; isClosed: boolean; name: string };

/** The name of a definition within a draft; a new one is queued. */
export function defineName(draft: Draft, ref: string, isClosed: boolean): string {
  const key = `${isClosed ? 'closed' : 'open'} ${ref}`;
  const existing = draft.names.get(key);
  if (existing !== undefined) return existing;
  const last = ref.slice(ref.lastIndexOf('/') + 1).replace(/[^a-zA-Z0-9_.-]+/g, '_') || 'Schema';
  const base = last === '__proto__' ? 'proto' : last;
  let name = base;
  for (let n = 2; draft.usedNames.has(name); n++) name = `${base}_${n}`;
  draft.names.set(key, name);
  draft.usedNames.add(name);
  draft.queue.push({ name, ref, isClosed });
  return name;
}

/** Removes the names and the queued definitions that were added after there were `names` and `queued` of them. */
export function undoDefinitions(draft: Draft, { names, queued }: { names: number; queued: number }): void {
  draft.queue.length = queued;
  for (const [key, name] of [...draft.names].slice(names)) {
    draft.names.delete(key);
    draft.usedNames.delete(name);
  }
}
