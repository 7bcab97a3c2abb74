import type { JsonSchema, ToolSet, ToolSpec, UnusableTool } from '@errand/contracts';
import type { Db, DisabledTools, SelectedIntegration } from '@errand/db';
import type { Catalog } from '@errand/ports/toolbox';
import type { LRUCache } from 'lru-cache';

type ToolEntry = ToolSpec | UnusableTool;

/** Tools that plans call, parsed once for each version of their integration. */
export type ToolCache = LRUCache<string, ToolEntry>;

/** The tools of chosen integrations. Only tools that are requested by name are read in this thread and cached. */
export class ChosenTools implements Catalog {
  readonly sets: readonly ToolSet[];
  readonly instructions: Catalog['instructions'];
  readonly inactive: Catalog['inactive'];
  readonly #chosen: readonly SelectedIntegration[];
  readonly #ids: readonly string[];
  readonly #keys: ReadonlyMap<string, string>;
  readonly #registrations: ReadonlySet<string>;

  constructor(
    private readonly db: Db,
    private readonly cache: ToolCache,
    readonly workspaceId: string,
    { chosen, inactive }: { chosen: readonly SelectedIntegration[]; inactive: Catalog['inactive'] },
  ) {
    this.inactive = inactive;
    this.#chosen = chosen;
    this.#ids = chosen.map(({ customerIntegrationId }) => customerIntegrationId);
    this.#registrations = new Set(chosen.map(({ registrationId }) => registrationId));
    this.#keys = new Map(chosen.map(({ customerIntegrationId, toolsKey }) => [customerIntegrationId, toolsKey]));
    this.sets = chosen.map((set) => ({
      key: `${workspaceId} ${set.toolsKey}`,
      read: () => db.forWorkspace(workspaceId).tools.enabledTexts(set),
    }));
    this.instructions = chosen.flatMap(({ customerIntegrationId, instructions }) =>
      instructions ? [{ customerIntegrationId, text: instructions }] : [],
    );
  }

  /** A tool that was read before; undefined if it may not be used, or must be read. */
  cached(name: string): ToolSpec | undefined {
    const entry = this.#cachedEntry(name);
    return typeof entry === 'object' ? entry : undefined;
  }

  async named(names: readonly string[]): Promise<readonly ToolSpec[]> {
    const byName = await this.#find(names);
    return names.flatMap((name) => {
      const entry = byName.get(name);
      return typeof entry === 'object' ? [entry] : [];
    });
  }

  async unusable(names: readonly string[]): Promise<ReadonlyMap<string, UnusableTool>> {
    const byName = await this.#find(names);
    return new Map([...byName].flatMap(([name, entry]) => (typeof entry === 'object' ? [] : [[name, entry]])));
  }

  disabledTools(): Promise<DisabledTools[]> {
    return this.db.forWorkspace(this.workspaceId).tools.countDisabled(this.#chosen);
  }

  seenOutputs(): Promise<Record<string, JsonSchema>> {
    return this.db.forWorkspace(this.workspaceId).tools.seenOutputs(this.#chosen);
  }

  names(): Promise<readonly string[]> {
    return this.db.forWorkspace(this.workspaceId).tools.enabledNames(this.#ids);
  }

  async #find(names: readonly string[]): Promise<ReadonlyMap<string, ToolEntry>> {
    const byName = new Map<string, ToolEntry>();
    const unread: string[] = [];
    for (const name of names) {
      const cached = this.#cachedEntry(name);
      if (cached) byName.set(name, cached);
      else if (this.#keyOf(name) !== undefined) unread.push(name);
    }
    if (unread.length === 0) return byName;
    for (const row of await this.db.forWorkspace(this.workspaceId).tools.readByName(this.#ids, unread)) {
      // A later integration with the same id is not among the chosen ones.
      if (!this.#registrations.has(row.registrationId)) continue;
      const entry = 'tool' in row ? row.tool : row.unusable;
      byName.set(row.name, entry);
      this.cache.set(this.#nameOf(row.toolsKey, row.name), entry, { size: row.bytes });
    }
    return byName;
  }

  #keyOf = (name: string): string | undefined => this.#keys.get(name.slice(0, name.indexOf('.')));

  #cachedEntry(name: string): ToolEntry | undefined {
    const key = this.#keyOf(name);
    return key === undefined ? undefined : this.cache.get(this.#nameOf(key, name));
  }

  #nameOf = (toolsKey: string, name: string) => `${this.workspaceId} ${toolsKey} ${name}`;
}
