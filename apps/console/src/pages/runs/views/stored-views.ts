// Saved views and columns of the list of errands, kept in the browser for a workspace and a person.
import { type ColumnId, columnsOf, DEFAULT_COLUMNS } from '../column-ids.ts';
import { type RunsSearch, searchOf } from '../search.ts';

export type View = {
  name: string;
  search: RunsSearch;
  columns: readonly ColumnId[];
  /** The bare address of the list shows this view. */
  isDefault?: true;
};

export type ListSettings = {
  views: readonly View[];
  /** The columns of all lists without a view. */
  columns: readonly ColumnId[];
  hasChart: boolean;
};

export const MAX_VIEWS = 20;
export const MAX_NAME = 60;
/** The filters of a view, as JSON. */
const MAX_SEARCH = 2_000;
const NONE: ListSettings = { views: [], columns: DEFAULT_COLUMNS, hasChart: true };

/** The filters without the state of the page, with their names in order. */
export function filtersOfView({ all: _, peek: __, ...filters }: RunsSearch): RunsSearch {
  const entries = Object.entries(searchOf(filters)).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries) as RunsSearch;
}

export const isSameSearch = (a: RunsSearch, b: RunsSearch): boolean =>
  JSON.stringify(filtersOfView(a)) === JSON.stringify(filtersOfView(b));

/** Reads what an earlier version, or another program, may have written. */
export function parseSettings(text: string | null): ListSettings {
  const stored = parseObject(text);
  const views: View[] = [];
  for (const each of Array.isArray(stored?.views) ? stored.views : []) {
    const view = viewOf(each);
    if (view && views.length < MAX_VIEWS && !views.some(({ name }) => name === view.name)) views.push(view);
  }
  return {
    views: onlyOneDefault(views),
    columns: columnsOf(stored?.columns) ?? NONE.columns,
    hasChart: stored?.hasChart !== false,
  };
}

function parseObject(text: string | null): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function viewOf(value: unknown): View | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { name, search, columns, isDefault } = value as Record<string, unknown>;
  if (typeof name !== 'string' || name.trim() === '' || name.length > MAX_NAME) return undefined;
  if (typeof search !== 'object' || search === null || JSON.stringify(search).length > MAX_SEARCH) return undefined;
  return {
    name,
    search: filtersOfView(search as RunsSearch),
    columns: columnsOf(columns) ?? DEFAULT_COLUMNS,
    ...(isDefault === true && { isDefault }),
  };
}

const onlyOneDefault = (views: readonly View[]): View[] => {
  const first = views.findIndex(({ isDefault }) => isDefault);
  return views.map((view, index) => {
    const { isDefault: _, ...plain } = view;
    return index === first ? view : plain;
  });
};

/** Adds a view, or replaces the views of its old and its new name. */
export function withView(settings: ListSettings, view: View, oldName = view.name): ListSettings {
  const views = settings.views.map((each) => (each.name === oldName ? view : each));
  const all = views.includes(view) ? views : [...views, view];
  const others = all.filter((each) => each === view || each.name !== view.name);
  const isOnlyDefault = (each: View): View => {
    const { isDefault: _, ...plain } = each;
    return each === view || !view.isDefault ? each : plain;
  };
  return { ...settings, views: others.map(isOnlyDefault) };
}

/** Why a view cannot be kept; undefined if it can. */
export function refusalOf({ views }: ListSettings, view: View, oldName?: string): string | undefined {
  const isNew = !views.some(({ name }) => name === view.name || name === oldName);
  if (isNew && views.length >= MAX_VIEWS) return `There are ${MAX_VIEWS} views. Delete one first.`;
  if (JSON.stringify(view.search).length > MAX_SEARCH) return 'These filters are too long to keep. Shorten them.';
  return undefined;
}

const PREFIX = 'errand-list:';
/** The most pairs of workspace and person that a browser keeps. The pairs with the latest changes stay. */
const MAX_KEPT = 20;

export const storageKey = (workspaceId: string, personId: string): string => `${PREFIX}${workspaceId}:${personId}`;

export const readSettings = (storage: Storage, key: string): ListSettings => parseSettings(storage.getItem(key));

/** @returns whether the browser has stored them */
export function writeSettings(storage: Storage, key: string, settings: ListSettings): boolean {
  try {
    storage.setItem(key, JSON.stringify({ ...settings, changedAt: Date.now() }));
    const changedAt = (each: string) => Number(parseObject(storage.getItem(each))?.changedAt ?? 0);
    const keys = Object.keys(storage).filter((each) => each.startsWith(PREFIX) && each !== key);
    const old = keys.toSorted((a, b) => changedAt(b) - changedAt(a)).slice(MAX_KEPT - 1);
    for (const each of old) storage.removeItem(each);
    return true;
  } catch {
    return false;
  }
}
