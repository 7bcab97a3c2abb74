import type { JsonSchema, ToolSet, ToolSpec, UnusableTool } from '@errand/contracts';
import type { Chosen, Db, ToolsOff } from '@errand/db';
import type { Catalog } from '@errand/ports/toolbox';
import { LRUCache } from 'lru-cache';

/** A tool, or why it may not be used. */
type Known = ToolSpec | UnusableTool;

/** Tools that plans call, parsed once for each version of their integration. */
export type KnownTools = LRUCache<string, Known>;

const MIB = 1024 * 1024;

export const createKnownTools = (): KnownTools => new LRUCache({ maxSize: 32 * MIB });

/** The tools of some integrations, as they were chosen: those that are named are read and kept, all others only in threads. */
export class ChosenTools implements Catalog {
  readonly #db: Db;
  readonly #known: KnownTools;

  readonly sets: readonly ToolSet[];
  readonly instructions: Catalog['instructions'];
  readonly inactive: Catalog['inactive'];
  readonly #chosen: readonly Chosen[];
  readonly #ids: readonly string[];
  readonly #keys: ReadonlyMap<string, string>;
  readonly #registrations: ReadonlySet<string>;

  constructor(
    db: Db,
    known: KnownTools,
    readonly workspaceId: string,
    { chosen, inactive }: { chosen: readonly Chosen[]; inactive: Catalog['inactive'] },
  ) {
    this.#db = db;
    this.#known = known;

    this.inactive = inactive;
    this.#chosen = chosen;
    this.#ids = chosen.map(({ customerIntegrationId }) => customerIntegrationId);
    this.#registrations = new Set(chosen.map(({ registrationId }) => registrationId));
    this.#keys = new Map(chosen.map(({ customerIntegrationId, toolsKey }) => [customerIntegrationId, toolsKey]));
    this.sets = chosen.map((one) => ({
      key: `${workspaceId} ${one.toolsKey}`,
      read: () => db.forWorkspace(workspaceId).tools.texts(one),
    }));
    this.instructions = chosen.flatMap(({ customerIntegrationId, instructions }) =>
      instructions ? [{ customerIntegrationId, text: instructions }] : [],
    );
  }

  async named(names: readonly string[]): Promise<readonly ToolSpec[]> {
    const found = await this.#find(names);
    return names.flatMap((name) => {
      const one = found.get(name);
      return typeof one === 'object' ? [one] : [];
    });
  }

  async unusable(names: readonly string[]): Promise<ReadonlyMap<string, UnusableTool>> {
    const found = await this.#find(names);
    return new Map([...found].flatMap(([name, one]) => (typeof one === 'object' ? [] : [[name, one]])));
  }

  off(): Promise<ToolsOff[]> {
    return this.#db.forWorkspace(this.workspaceId).tools.off(this.#chosen);
  }

  seenOutputs(): Promise<Record<string, JsonSchema>> {
    return this.#db.forWorkspace(this.workspaceId).tools.seenOutputs(this.#chosen);
  }

  names(): Promise<readonly string[]> {
    return this.#db.forWorkspace(this.workspaceId).tools.names(this.#ids);
  }

  async #find(names: readonly string[]): Promise<ReadonlyMap<string, Known>> {
    const found = new Map<string, Known>();
    const unread: string[] = [];
    for (const name of names) {
      const key = this.#keys.get(name.slice(0, name.indexOf('.')));
      const one = key === undefined ? undefined : this.#known.get(this.#nameOf(key, name));
      if (one) found.set(name, one);
      else if (key !== undefined) unread.push(name);
    }
    if (unread.length === 0) return found;
    for (const one of await this.#db.forWorkspace(this.workspaceId).tools.named(this.#ids, unread)) {
      // An integration that got the same id later is not among those that were chosen.
      if (!this.#registrations.has(one.registrationId)) continue;
      const known = 'tool' in one ? one.tool : one.unusable;
      found.set(one.name, known);
      this.#known.set(this.#nameOf(one.toolsKey, one.name), known, { size: one.bytes });
    }
    return found;
  }

  #nameOf = (toolsKey: string, name: string) => `${this.workspaceId} ${toolsKey} ${name}`;
}
