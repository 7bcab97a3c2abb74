import { ArrowDown, ArrowUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../../controls/button.tsx';
import { Dialog } from '../../../controls/dialog.tsx';
import { COLUMN_IDS, type ColumnId, DEFAULT_COLUMNS, withColumn } from '../column-ids.ts';
import { COLUMNS } from '../columns.tsx';
import type { Views } from './use-views.ts';

/** Chooses the columns and their order. Each choice is applied at once. */
export function ColumnsDialog({ views, onClose }: { views: Views; onClose: () => void }) {
  const { columns, setColumns, settings, change, currentView } = views;
  const hidden = COLUMN_IDS.filter((id) => !columns.includes(id));
  const toggle = (id: ColumnId) =>
    setColumns(columns.includes(id) ? columns.filter((each) => each !== id) : withColumn(columns, id));
  const move = (index: number, step: number) => {
    const moved = [...columns];
    const [id] = moved.splice(index, 1);
    if (id !== undefined) moved.splice(index + step, 0, id);
    setColumns(moved);
  };
  return (
    <Dialog title="Columns" onClose={onClose}>
      <p className="mb-3 text-dim">
        {currentView ? `Kept with the view “${currentView.name}”.` : 'Kept for the next visit with this browser.'}{' '}
        Columns for which the list is too narrow are shown below the intent.
      </p>
      <ol aria-label="Columns" className="flex flex-col">
        {columns.map((id, index) => (
          <Choice key={id} id={id} isChosen onToggle={toggle}>
            <MoveButton
              id={id}
              isUp
              offBecause={index === 0 ? 'It is the first.' : undefined}
              onMove={() => move(index, -1)}
            />
            <MoveButton
              id={id}
              isUp={false}
              offBecause={index === columns.length - 1 ? 'It is the last.' : undefined}
              onMove={() => move(index, 1)}
            />
          </Choice>
        ))}
        {hidden.map((id) => (
          <Choice key={id} id={id} isChosen={false} onToggle={toggle} />
        ))}
      </ol>
      <label className="mt-3 flex items-center gap-2 border-t border-line pt-3">
        <input
          type="checkbox"
          checked={settings.hasChart}
          onChange={({ target }) => change((before) => ({ ...before, hasChart: target.checked }))}
        />
        Chart above the list
      </label>
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={() => setColumns(DEFAULT_COLUMNS)}>As at first</Button>
        <Button look="accent" onClick={onClose}>
          Close
        </Button>
      </div>
    </Dialog>
  );
}

type ChoiceProps = { id: ColumnId; isChosen: boolean; onToggle: (id: ColumnId) => void; children?: ReactNode };

const Choice = ({ id, isChosen, onToggle, children }: ChoiceProps) => (
  <li className="flex h-8 items-center gap-1">
    <label className="flex flex-1 items-center gap-2">
      <input type="checkbox" checked={isChosen} onChange={() => onToggle(id)} />
      {COLUMNS[id].name}
    </label>
    {children}
  </li>
);

type MoveButtonProps = { id: ColumnId; isUp: boolean; offBecause: string | undefined; onMove: () => void };

const MoveButton = ({ id, isUp, offBecause, onMove }: MoveButtonProps) => (
  <Button
    look="quiet"
    className="!px-1.5 !py-1"
    aria-label={`Move ${COLUMNS[id].name} ${isUp ? 'up' : 'down'}`}
    offBecause={offBecause}
    onClick={onMove}
  >
    {isUp ? <ArrowUp size={14} aria-hidden="true" /> : <ArrowDown size={14} aria-hidden="true" />}
  </Button>
);
