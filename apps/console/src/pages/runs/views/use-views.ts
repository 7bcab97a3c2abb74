// The view that the address shows, and its columns.
import { useState } from 'react';
import type { ColumnId } from '../column-ids.ts';
import { hasFilters, type RunsSearch } from '../search.ts';
import { isSameSearch, type ListSettings, type View } from './stored-views.ts';
import { type ChangeSettings, useListSettings } from './use-list-settings.ts';

export type Views = {
  settings: ListSettings;
  change: ChangeSettings;
  /** The view with the filters of the address. */
  currentView: View | undefined;
  columns: readonly ColumnId[];
  setColumns: (columns: readonly ColumnId[]) => void;
  /** The view that the bare address opens. */
  opening: View | undefined;
};

export function useViews(search: RunsSearch): Views {
  const { settings, change } = useListSettings();
  const currentView = settings.views.find((view) => isSameSearch(view.search, search));
  // Further filters in a view keep its columns, until all errands are shown.
  const [latest, setLatest] = useState<readonly ColumnId[]>();
  const base = currentView?.columns ?? (hasFilters(search) ? latest : undefined);
  if (base !== latest) setLatest(base);
  const setColumns = (columns: readonly ColumnId[]) => {
    change(({ views, ...rest }) => ({
      ...rest,
      ...(!currentView && { columns }),
      views: views.map((view) => (view.name === currentView?.name ? { ...view, columns } : view)),
    }));
    if (!currentView && latest) setLatest(columns);
  };
  return {
    settings,
    change,
    currentView,
    columns: base ?? settings.columns,
    setColumns,
    opening: settings.views.find(({ isDefault }) => isDefault),
  };
}
