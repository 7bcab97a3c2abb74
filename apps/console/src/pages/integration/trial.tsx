import { useId, useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { Field, TextInput } from '../../controls/field.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import { Section } from '../../manage/page.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { useAct } from '../../manage/use-act.ts';
import { UserOptions } from '../../session/user-options.tsx';
import { useClient } from '../../session/workspace.tsx';
import { type TrialOutcome, TrialResult } from './trial-result.tsx';
import { AFTER_CHANGE, type Integration } from './use-integration.ts';

/** Tries a stored credential with a harmless read. */
export function Trial({ integration: { customerIntegrationId, health, rules } }: { integration: Integration }) {
  const client = useClient();
  const [userId, setUserId] = useState('');
  const [result, setResult] = useState<TrialOutcome>();
  const listId = useId();
  const offBecause = useOffReason('connections:write');
  const input = { customerIntegrationId, ...(userId.trim() !== '' && { userId: userId.trim() }) };
  const { run, isBusy, error } = useAct({
    act: () => client.integrations.try.mutate(input),
    refresh: AFTER_CHANGE,
    onDone: setResult,
    showsProblem: true,
  });
  const { lastTest } = health ?? {};
  return (
    <Section title="Trial" actions={<CodeButton title="Try it from code" operation="integrations.try" input={input} />}>
      <form
        className="flex flex-col gap-3 rounded-xl border border-line bg-pane p-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy && offBecause === undefined) run();
        }}
      >
        <p className="text-dim">
          Calls {rules?.test ? <Text>{rules.test.operation}</Text> : 'a tool that reads and needs no arguments'}, and
          changes nothing.
          {lastTest && (
            <>
              {' '}
              The last trial was <Ago at={lastTest.at} />: {lastTest.result}
              {lastTest.account !== undefined && (
                <>
                  {' '}
                  as <Text>{lastTest.account}</Text>
                </>
              )}
              .
            </>
          )}
        </p>
        <div className="flex flex-wrap items-start gap-3">
          <Field label="User" hint="Empty: the secret of the workspace.">
            {(control) => (
              <TextInput
                {...control}
                maxLength={255}
                list={listId}
                value={userId}
                onChange={({ target }) => setUserId(target.value)}
              />
            )}
          </Field>
          <UserOptions id={listId} text={userId} />
          <Button type="submit" look="accent" className="mt-6" isBusy={isBusy} offBecause={offBecause}>
            Try
          </Button>
        </div>
        {error != null && <ProblemNote error={error} />}
        {result && <TrialResult result={result} />}
      </form>
    </Section>
  );
}
