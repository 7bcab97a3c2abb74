// How calls authenticate, and who gives the credential.
import { Field, Select } from '../../../controls/field.tsx';
import { type Access, ALL_AUTH_TYPES, type AuthType, authTexts, hasGiver, MCP_AUTH_TYPES } from '../auth-fields.ts';
import { kindOf, type Source, suggestedAuth, waysOf, withType } from '../draft.ts';
import { NO_CREDENTIAL } from '../found/inspection-facts.tsx';

type ChoiceProps = { access: Access; onChange: (access: Access) => void };

export function TypeChoice({ source, access, onChange }: ChoiceProps & { source: Source }) {
  if (source.from === 'catalog') return <WayChoice source={source} access={access} onChange={onChange} />;
  const suggested = suggestedAuth(source);
  const types = kindOf(source) === 'mcp' ? MCP_AUTH_TYPES : ALL_AUTH_TYPES;
  return (
    <Field
      label="Credential"
      hint={suggested === 'NONE' ? NO_CREDENTIAL[kindOf(source)] : `The service asks for: ${authTexts[suggested]}.`}
    >
      {(control) => (
        <Select
          {...control}
          value={access.type}
          onChange={({ target }) => onChange(withType(access, target.value as AuthType))}
        >
          {types.map((type) => (
            <option key={type} value={type}>
              {authTexts[type]}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

function WayChoice({
  source: { service, kind },
  access,
  onChange,
}: ChoiceProps & { source: Source & { from: 'catalog' } }) {
  const ways = waysOf(service, kind);
  const at = ways.findIndex(({ type, title }) => type === access.type && title === access.way);
  return (
    <Field label="Credential" hint="The first one is recommended.">
      {(control) => (
        <Select
          {...control}
          value={at}
          onChange={({ target }) => {
            const way = ways[Number(target.value)];
            if (way) onChange(withType(access, way.type, way.title));
          }}
        >
          {ways.map(({ type, title }, index) => (
            <option key={`${type} ${title}`} value={index}>
              {title === undefined ? authTexts[type] : `${title}: ${authTexts[type]}`}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

const GIVERS = [
  ['owner', 'One for all users', 'You enter it here. Every errand uses it.'],
  ['users', "Each user's own", 'Users enter theirs on a page of Errand, or your program stores them.'],
] as const;

export function GiverChoice({ access, onChange }: ChoiceProps) {
  if (!hasGiver(access.type)) return null;
  return (
    <fieldset>
      <legend className="mb-1 font-semibold">Whose credential</legend>
      <div className="grid grid-cols-2 gap-2 max-sm:grid-cols-1">
        {GIVERS.map(([giver, label, consequence]) => (
          <label
            key={giver}
            className="flex cursor-pointer items-start gap-2 rounded-lg border border-line bg-pane p-2 has-checked:border-accent"
          >
            <input
              type="radio"
              name="giver"
              className="mt-1"
              checked={access.giver === giver}
              onChange={() => onChange({ ...access, giver })}
            />
            <span>
              <span className="block font-semibold">{label}</span>
              <span className="text-sm text-dim">{consequence}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
