import { isDeepStrictEqual } from 'node:util';
import type { Json, JsonSchema, ToolSpec } from '@errand/contracts';
import type { Db } from '@errand/db';
import { LRUCache } from 'lru-cache';
import { formOf, mergeForms } from './form.ts';

type SeenOutput = { form: JsonSchema | undefined; writes: number };

/** Limit of writes for each tool in a process, since forms may vary without end. */
const MAX_WRITES = 20;

/** Stores the forms of answers of tools without an output schema, for planners. */
export class SeenOutputs {
  readonly #db: Db;
  /** The stored form of each tool; the promises also serialize its notes. */
  readonly #known = new LRUCache<string, Promise<SeenOutput>>({ max: 2000 });

  constructor(db: Db) {
    this.#db = db;
  }

  /** Merges the form of an answer into the stored form. Never rejects: later answers provide the form again. */
  async note(workspaceId: string, tool: ToolSpec, output: Json): Promise<void> {
    const key = `${workspaceId} ${tool.fingerprint} ${tool.name}`;
    const { tools } = this.#db.forWorkspace(workspaceId);
    const form = formOf(output);
    const read = async (): Promise<SeenOutput> => ({ form: await tools.seenOutput(tool), writes: 0 });
    const stored = (this.#known.get(key) ?? read()).then(async (before): Promise<SeenOutput> => {
      const all = before.form ? mergeForms(before.form, form) : form;
      if (before.writes >= MAX_WRITES || isDeepStrictEqual(all, before.form)) return before;
      await tools.storeSeenOutput(tool, all);
      return { form: all, writes: before.writes + 1 };
    });
    this.#known.set(key, stored);
    await stored.catch(() => this.#known.delete(key));
  }
}
