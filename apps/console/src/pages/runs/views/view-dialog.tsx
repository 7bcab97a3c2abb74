import { useState } from 'react';
import { Button } from '../../../controls/button.tsx';
import { Dialog } from '../../../controls/dialog.tsx';
import { Field, TextInput } from '../../../controls/field.tsx';
import { toast } from '../../../controls/toast.tsx';
import { MAX_NAME, refusalOf, type View, withView } from './stored-views.ts';
import type { Views } from './use-views.ts';

type ViewDialogProps = {
  views: Views;
  /** A saved view, or the filters and columns of a new one. */
  view: View;
  isNew: boolean;
  onClose: () => void;
};

/** Saves, renames or deletes a view, and chooses the view that opens first. */
export function ViewDialog({ views: { settings, change }, view, isNew, onClose }: ViewDialogProps) {
  const [name, setName] = useState(view.name);
  const [isDefault, setDefault] = useState(view.isDefault === true);
  const oldName = isNew ? undefined : view.name;
  const saved: View = {
    name: name.trim(),
    search: view.search,
    columns: view.columns,
    ...(isDefault && { isDefault: true as const }),
  };
  const replaced = settings.views.find((each) => each.name === saved.name && each.name !== oldName);
  const refusal = refusalOf(settings, saved, oldName);
  const save = () => {
    if (saved.name === '' || refusal !== undefined) return;
    change((before) => withView(before, saved, oldName));
    toast(`The view “${saved.name}” is saved in this browser.`);
    onClose();
  };
  const remove = () => {
    change((before) => ({ ...before, views: before.views.filter((each) => each.name !== oldName) }));
    toast(`The view “${view.name}” is deleted. Its filters stay in the address.`);
    onClose();
  };
  return (
    <Dialog title={isNew ? 'Save as a view' : `View “${view.name}”`} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Field
          label="Name"
          hint={
            replaced
              ? 'A view has this name. It is replaced.'
              : 'The view keeps the filters, the order and the columns, in this browser. To share it, copy the address.'
          }
          error={refusal}
        >
          {(control) => (
            <TextInput
              {...control}
              data-first-focus
              required
              maxLength={MAX_NAME}
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
        <label className="flex items-center gap-2">
          <input type="checkbox" checked={isDefault} onChange={({ target }) => setDefault(target.checked)} />
          Open the list with this view
        </label>
        <div className="flex flex-wrap gap-2">
          {!isNew && (
            <Button look="danger" onClick={remove}>
              Delete
            </Button>
          )}
          <span className="flex-1" />
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look="accent" offBecause={refusal}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
