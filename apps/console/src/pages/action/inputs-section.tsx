import { ValueText } from '../../decide/form/value-text.tsx';
import { Text } from '../../display/text.tsx';
import { type Column, Empty, Table } from '../../manage/list-view.tsx';
import { Section } from '../../manage/page.tsx';
import { choicesOf, type InputChoice } from './input-choice.ts';
import type { Action } from './use-action.ts';

type Value = Action['values'][number];

const WORDS: Readonly<Record<InputChoice, string>> = {
  fixed: 'fixed',
  required: 'yes',
  optional: 'yes, may be left out',
};

/** The values of the saved errand that are, or may be, inputs. */
export function InputsSection({ action }: { action: Action }) {
  const choices = choicesOf(action);
  const columns: Column<Value>[] = [
    {
      name: 'Value',
      isMain: true,
      cell: ({ name, title }) => (
        <>
          <Text>{title}</Text> <code className="font-mono text-sm text-dim">{name}</code>
        </>
      ),
    },
    { name: 'Input', cell: ({ name }) => WORDS[choices[name] ?? 'fixed'] },
    { name: 'In the saved errand', cell: ({ value }) => <ValueText value={value} /> },
    { name: 'From', cell: ({ from }) => from },
    { name: 'Used as', cell: ({ usedIn }) => <Text>{usedIn.map(({ argument }) => argument).join(', ')}</Text> },
  ];
  return (
    <Section title="Inputs">
      {action.values.length === 0 ? (
        <Empty>The plan has no value that can be an input: the action always does the same.</Empty>
      ) : (
        <Table label="Values of the plan" columns={columns} items={action.values} keyOf={({ name }) => name} />
      )}
    </Section>
  );
}
