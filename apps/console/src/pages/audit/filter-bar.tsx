// The filters. Each choice is applied at once; a text, when it is left or entered.
import { actorTypes } from '@errand/contracts/labels';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ComponentProps, useId, useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { Select, TextInput } from '../../controls/field.tsx';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import { ActionsButton } from './actions-button.tsx';
import { actorTypeLabels } from './actor-text.tsx';
import { type ActorType, type AuditFilters, searchOf } from './search.ts';

export function FilterBar({ filters }: { filters: AuditFilters }) {
  const workspaceId = useWorkspaceId();
  const navigate = useNavigate();
  const actorsId = useId();
  const go = (search: AuditFilters) =>
    void navigate({ to: '/w/$workspaceId/audit', params: { workspaceId }, search, resetScroll: false });
  const change = (changed: { [Name in keyof AuditFilters]: AuditFilters[Name] | undefined }) =>
    go(searchOf({ ...filters, ...changed }));
  const { actorId, actorType, actions, target, runId, from, to } = filters;
  return (
    <search className="flex flex-wrap items-end gap-2">
      <Filter
        label="Actor"
        placeholder="Id of a key or person"
        list={actorsId}
        value={actorId}
        onApply={(text) => change({ actorId: text })}
      />
      <ActorOptions id={actorsId} />
      <ActorTypeSelect chosen={actorType} onChoose={(chosen) => change({ actorType: chosen })} />
      <ActionsButton chosen={actions ?? []} onChoose={(chosen) => change({ actions: chosen })} />
      <Filter label="Target" placeholder="Its id" value={target} onApply={(text) => change({ target: text })} />
      <Filter label="Errand" placeholder="Its id" value={runId} onApply={(text) => change({ runId: text })} />
      <Filter label="From" type="date" value={from} onApply={(text) => change({ from: text })} />
      <Filter label="To" type="date" value={to} onApply={(text) => change({ to: text })} />
      {Object.keys(filters).length > 0 && (
        <Button look="quiet" onClick={() => go({})}>
          Clear
        </Button>
      )}
    </search>
  );
}

type Choice<T> = { chosen: T | undefined; onChoose: (chosen: T | undefined) => void };

function ActorTypeSelect({ chosen, onChoose }: Choice<ActorType>) {
  const id = useId();
  return (
    <div>
      <Label htmlFor={id} text="Kind of actor" />
      <Select
        id={id}
        className="!w-40"
        value={chosen ?? ''}
        onChange={({ target }) => onChoose(actorTypes.find((type) => type === target.value))}
      >
        <option value="">Any</option>
        {actorTypes.map((type) => (
          <option key={type} value={type}>
            {actorTypeLabels[type]}
          </option>
        ))}
      </Select>
    </div>
  );
}

type FilterProps = Pick<ComponentProps<'input'>, 'type' | 'placeholder' | 'list'> & {
  label: string;
  value: string | undefined;
  onApply: (text: string | undefined) => void;
};

/** A text of the filters, which the address may change, too. */
const Filter = (props: FilterProps) => <FilterInput key={props.value ?? ''} {...props} />;

function FilterInput({ label, value = '', onApply, type = 'text', ...rest }: FilterProps) {
  const id = useId();
  const [text, setText] = useState(value);
  const apply = () => {
    if (text.trim() !== value) onApply(text.trim() === '' ? undefined : text.trim());
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <Label htmlFor={id} text={label} />
      <TextInput
        {...rest}
        id={id}
        type={type}
        maxLength={1000}
        className={type === 'date' ? '!w-36' : '!w-32'}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onBlur={apply}
      />
    </form>
  );
}

const Label = ({ htmlFor, text }: { htmlFor: string; text: string }) => (
  <label htmlFor={htmlFor} className="block text-sm text-dim">
    {text}
  </label>
);

const SUGGESTED = 100;

/** The keys and members of the workspace, by their names. */
function ActorOptions({ id }: { id: string }) {
  const client = useClient();
  const { data } = useQuery({
    queryKey: ['members', useWorkspaceId(), 'actors'],
    queryFn: async ({ signal }) => {
      const [members, keys] = await Promise.all([
        client.members.list.query({ pageSize: SUGGESTED }, { signal }),
        client.apiKeys.list.query({ pageSize: SUGGESTED }, { signal }),
      ]);
      return new Map([
        ...keys.apiKeys.map(({ principalId, name }) => [principalId, name] as const),
        ...members.members.map(({ personId, name }) => [personId, name] as const),
      ]);
    },
  });
  return (
    <datalist id={id}>
      {[...(data ?? [])].map(([value, name]) => (
        <option key={value} value={value} label={name} />
      ))}
    </datalist>
  );
}
