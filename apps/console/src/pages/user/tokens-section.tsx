// Tokens by which the browser of the user talks to Errand. Only API keys mint and end them, so the page writes the programs.

import type { Inputs } from '@errand/client/console';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Field, Select } from '../../controls/field.tsx';
import { Section } from '../../manage/page.tsx';

type Ability = Inputs['userTokens']['create']['can'][number];

const ABILITIES: readonly (readonly [Ability, string])[] = [
  ['watch', 'read and stream errands'],
  ['decide', 'decide requests and answer questions'],
  ['edit', 'change arguments before approving'],
  ['connect', 'connect accounts'],
  ['ask', 'create, cancel and rate errands'],
];
const MINUTES = [5, 15, 30, 60];

export function TokensSection({ userId }: { userId: string }) {
  const [can, setCan] = useState<readonly Ability[]>(['watch']);
  const [minutes, setMinutes] = useState(15);
  const toggle = (ability: Ability) => {
    const next = new Set(can);
    if (!next.delete(ability)) next.add(ability);
    if (ability === 'edit' && next.has('edit')) next.add('decide');
    if (ability === 'decide' && !next.has('decide')) next.delete('edit');
    setCan(ABILITIES.map(([name]) => name).filter((name) => next.has(name)));
  };
  const input = { userId, can: [...can], minutes, ...(can.includes('ask') && { integrations: ['*'] }) };
  return (
    <Section
      title="User tokens"
      actions={
        <CodeButton
          title="End all tokens of the user from code"
          operation="userTokens.revoke"
          input={{ userId }}
          text="End all tokens"
          note="It ends all tokens of this user, of every key of the workspace."
        />
      }
    >
      <p className="max-w-3xl text-dim">
        A token lets a page of your product act for this user, for some minutes. API keys alone mint and end tokens, so
        that none does more than its key: choose what a token may do, and run the code to try one. The answer shows the
        token once. Erasing the credentials of the user also ends all tokens.
      </p>
      <div className="flex flex-wrap items-end gap-x-6 gap-y-3 rounded-xl border border-line bg-pane p-4">
        <fieldset className="flex flex-col gap-1">
          <legend className="font-semibold">The user may</legend>
          {ABILITIES.map(([ability, text]) => (
            <label key={ability} className="flex items-center gap-2">
              <input type="checkbox" checked={can.includes(ability)} onChange={() => toggle(ability)} />
              <span>
                {text} <code className="font-mono text-sm text-dim">{ability}</code>
              </span>
            </label>
          ))}
        </fieldset>
        <Field label="For">
          {(control) => (
            <Select {...control} value={minutes} onChange={({ target }) => setMinutes(Number(target.value))}>
              {MINUTES.map((each) => (
                <option key={each} value={each}>
                  {each} minutes
                </option>
              ))}
            </Select>
          )}
        </Field>
        {can.length === 0 ? (
          <p className="text-dim">Choose at least one ability.</p>
        ) : (
          <CodeButton
            title="Mint this token from code"
            text="Mint a token"
            operation="userTokens.create"
            input={input}
            note="Each call mints another token. A user has at most 100; one more ends the oldest."
          />
        )}
      </div>
    </Section>
  );
}
