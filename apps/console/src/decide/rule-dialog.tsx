import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../controls/button.tsx';
import { Dialog } from '../controls/dialog.tsx';
import { Field, Select, TextInput } from '../controls/field.tsx';
import { toast } from '../controls/toast.tsx';
import { ProblemNote } from '../display/problem-note.tsx';
import { Text } from '../display/text.tsx';
import { useClient } from '../session/workspace.tsx';
import type { Entry } from './entry.ts';
import type { JsonObject } from './form/json.ts';
import { ValueText } from './form/value-text.tsx';
import { JsonText } from './panel-parts.tsx';
import { type Condition, type Leaf, leavesOf, ruleInWords, ruleSchema } from './rule.ts';

type RuleDialogProps = { entry: Entry; args: JsonObject; onClose: () => void; onMade: () => void };

const DAY_MS = 86_400_000;
const DAYS = [1, 7, 30, 90, 365];

/** Makes an approval rule for the tool, and shows it before. */
export function RuleDialog({ entry, args, onClose, onMade }: RuleDialogProps) {
  const client = useClient();
  const [conditions, setConditions] = useState<Record<string, Condition>>({});
  const [isForAll, setForAll] = useState(false);
  const [days, setDays] = useState(30);
  const [reason, setReason] = useState('');
  const argsSchema = ruleSchema(args, conditions);
  const leaves = leavesOf(args);
  const { mutate, error, isPending } = useMutation({
    mutationFn: () =>
      client.approvalRules.create.mutate({
        tool: entry.tool!,
        argsSchema,
        // A year is the longest; the clocks of two computers differ.
        expiresAt: new Date(Date.now() + days * DAY_MS - 60_000).toISOString(),
        ...(!isForAll && { userId: entry.userId }),
        ...(reason.trim() !== '' && { reason: reason.trim() }),
      }),
    onSuccess: () => {
      toast('The rule is made.');
      onClose();
      onMade();
    },
  });
  return (
    <Dialog title={`Always allow “${entry.title}”?`} onClose={onClose} isWide>
      <div className="flex flex-col gap-3">
        <p className="break-words">
          <Text>{ruleInWords(entry.title, leaves, conditions)}</Text> Only the current version of the tool.
        </p>
        <Conditions leaves={leaves} conditions={conditions} onChange={setConditions} />
        <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
          <Field label="For">
            {(control) => (
              <Select
                {...control}
                value={String(isForAll)}
                onChange={({ target }) => setForAll(target.value === 'true')}
              >
                <option value="false">errands of {entry.userId}</option>
                <option value="true">errands of every user</option>
              </Select>
            )}
          </Field>
          <Field label="Until">
            {(control) => (
              <Select {...control} value={days} onChange={({ target }) => setDays(Number(target.value))}>
                {DAYS.map((each) => (
                  <option key={each} value={each}>
                    {each === 1 ? 'tomorrow' : each === 365 ? 'in a year' : `in ${each} days`}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <Field label="Why?" hint="Optional, for the record.">
          {(control) => (
            <TextInput
              {...control}
              maxLength={2000}
              value={reason}
              onChange={({ target }) => setReason(target.value)}
            />
          )}
        </Field>
        <section aria-label="The rule" className="rounded-lg border border-line bg-soft p-3">
          <h3 className="mb-1 font-semibold">Arguments that need no approval, as JSON Schema</h3>
          <JsonText value={argsSchema} />
        </section>
        {error && <ProblemNote error={error} />}
        <div className="flex flex-wrap gap-2">
          <Button look="good" isBusy={isPending} onClick={() => mutate()}>
            Make the rule and approve
          </Button>
          <Button onClick={onClose}>Back</Button>
        </div>
        <p className="text-sm text-dim">The rule can be revoked at any time. This approval cannot.</p>
      </div>
    </Dialog>
  );
}

type ConditionsProps = {
  leaves: Leaf[];
  conditions: Record<string, Condition>;
  onChange: (conditions: Record<string, Condition>) => void;
};

function Conditions({ leaves, conditions, onChange }: ConditionsProps) {
  return (
    <ul className="flex max-h-60 flex-col gap-1.5 overflow-auto">
      {leaves.map(({ pointer, label, value }) => (
        <li key={pointer} className="grid grid-cols-[minmax(0,1fr)_150px] items-center gap-3">
          <span className="min-w-0 truncate">
            <span className="text-dim">
              <Text>{label}</Text>:
            </span>{' '}
            <ValueText value={value} />
          </span>
          <Select
            aria-label={`Values of ${label}`}
            value={conditions[pointer] ?? 'same'}
            onChange={({ target }) => onChange({ ...conditions, [pointer]: target.value as Condition })}
          >
            <option value="same">this value</option>
            {typeof value === 'number' && <option value="at_most">at most this</option>}
            <option value="any">any value</option>
          </Select>
        </li>
      ))}
    </ul>
  );
}
