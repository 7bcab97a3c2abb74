import type { JsonSchema, ToolSet, ToolSpec, UnusableTool } from '@errand/contracts';
import type { Db, DisabledTools, SelectedIntegration } from '@errand/db';
import type { Catalog } from '@errand/ports/toolbox';
import type { LRUCache } from 'lru-cache';
import { mergeForms } from './seen-outputs.ts';

type ToolEntry = ToolSpec | UnusableTool;

/** Tools that plans call, parsed once for each version of their integration. */
export type ToolCache = LRUCache<string, ToolEntry>;

/** The tools of chosen integrations. Only tools that are requested by name are read in this thread and cached. */
export class ChosenTools implements Catalog {
  readonly sets: readonly ToolSet[];
  readonly instructions: Catalog['instructions'];
  readonly inactive: Catalog['inactive'];
  readonly #integrations: readonly SelectedIntegration[];
  readonly #ids: readonly string[];
  readonly #toolsKeys: ReadonlyMap<string, string>;
  readonly #registrations: ReadonlySet<string>;

  constructor(
    private readonly db: Db,
    private readonly cache: ToolCache,
    readonly workspaceId: string,
    { integrations, inactive }: { integrations: readonly SelectedIntegration[]; inactive: Catalog['inactive'] },
  ) {
    this.inactive = inactive;
    this.#integrations = integrations;
    this.#ids = integrations.map(({ customerIntegrationId }) => customerIntegrationId);
    this.#registrations = new Set(integrations.map(({ registrationId }) => registrationId));
    this.#toolsKeys = new Map(
      integrations.map(({ customerIntegrationId, toolsKey }) => [customerIntegrationId, toolsKey]),
    );
    this.sets = integrations.map((integration) => ({
      key: `${workspaceId} ${integration.toolsKey}`,
      read: () => db.forWorkspace(workspaceId).tools.enabledTexts(integration),
    }));
    this.instructions = integrations.flatMap(({ customerIntegrationId, instructions }) =>
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
    return this.db.forWorkspace(this.workspaceId).tools.countDisabled(this.#integrations);
  }

  async observedOutputSchemas(userId: string): Promise<Record<string, JsonSchema>> {
    const byTool = await this.db.forWorkspace(this.workspaceId).tools.answerFormsFor(userId, this.#integrations);
    return Object.fromEntries([...byTool].map(([name, [first, ...more]]) => [name, more.reduce(mergeForms, first!)]));
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
      else if (this.#toolsKeyOf(name) !== undefined) unread.push(name);
    }
    if (unread.length === 0) return byName;
    for (const row of await this.db.forWorkspace(this.workspaceId).tools.readByName(this.#ids, unread)) {
      // A later integration with the same id is not among the chosen ones.
      if (!this.#registrations.has(row.registrationId)) continue;
      const entry = 'tool' in row ? row.tool : row.unusable;
      byName.set(row.name, entry);
      this.cache.set(this.#cacheKeyOf(row.toolsKey, row.name), entry, { size: row.bytes });
    }
    return byName;
  }

  #toolsKeyOf = (name: string): string | undefined => this.#toolsKeys.get(name.slice(0, name.indexOf('.')));

  #cachedEntry(name: string): ToolEntry | undefined {
    const toolsKey = this.#toolsKeyOf(name);
    return toolsKey === undefined ? undefined : this.cache.get(this.#cacheKeyOf(toolsKey, name));
  }

  #cacheKeyOf = (toolsKey: string, name: string) => `${this.workspaceId} ${toolsKey} ${name}`;
}
