// Chooses actions, by their kinds.
import { auditActions } from '@errand/contracts/labels';
import { useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { type AuditAction, actionText } from './search.ts';

type ActionsButtonProps = { chosen: readonly AuditAction[]; onChoose: (chosen: AuditAction[]) => void };

export function ActionsButton({ chosen, onChoose }: ActionsButtonProps) {
  const [isOpen, setOpen] = useState(false);
  const [first, ...others] = chosen;
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        {first === undefined ? 'Any action' : others.length === 0 ? actionText(first) : `${chosen.length} actions`}
      </Button>
      {isOpen && (
        <ActionsDialog
          chosen={chosen}
          onClose={() => setOpen(false)}
          onChoose={(actions) => {
            setOpen(false);
            onChoose(actions);
          }}
        />
      )}
    </>
  );
}

const kindOf = (action: AuditAction): string => action.slice(0, action.indexOf('.'));
const kinds = [...new Set(auditActions.map(kindOf))].map(
  (kind) => [kind, auditActions.filter((action) => kindOf(action) === kind)] as const,
);

function ActionsDialog({ chosen, onChoose, onClose }: ActionsButtonProps & { onClose: () => void }) {
  const [picked, setPicked] = useState<ReadonlySet<AuditAction>>(new Set(chosen));
  const toggle = (actions: readonly AuditAction[], isOn: boolean) =>
    setPicked((before) => {
      const after = new Set(before);
      for (const action of actions) isOn ? after.add(action) : after.delete(action);
      return after;
    });
  return (
    <Dialog title="Actions" onClose={onClose} isWide>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          onChoose([...picked]);
        }}
      >
        <div className="columns-[10rem] gap-6">
          {kinds.map(([kind, actions]) => (
            <fieldset key={kind} className="mb-3 break-inside-avoid">
              <legend className="font-semibold">
                <Check
                  label={actionText(actions.length === 1 ? actions[0]! : kind)}
                  isOn={actions.every((action) => picked.has(action))}
                  onChange={(isOn) => toggle(actions, isOn)}
                />
              </legend>
              {actions.length > 1 &&
                actions.map((action) => (
                  <div key={action} className="pl-5">
                    <Check
                      label={actionText(action.slice(kind.length + 1))}
                      isOn={picked.has(action)}
                      onChange={(isOn) => toggle([action], isOn)}
                    />
                  </div>
                ))}
            </fieldset>
          ))}
        </div>
        <div className="flex justify-end gap-2">
          <Button look="quiet" onClick={() => setPicked(new Set())}>
            None
          </Button>
          <Button type="submit" look="accent">
            {picked.size === 0 ? 'Show all actions' : `Show ${picked.size}`}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

const Check = ({ label, isOn, onChange }: { label: string; isOn: boolean; onChange: (isOn: boolean) => void }) => (
  <label className="flex min-h-7 items-center gap-1.5">
    <input type="checkbox" checked={isOn} onChange={({ target }) => onChange(target.checked)} />
    {label}
  </label>
);
