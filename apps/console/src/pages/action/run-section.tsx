// Runs an action with values of a form.
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { answerDraft } from '../../decide/answer.ts';
import { ArgsForm } from '../../decide/form/args-form.tsx';
import { faultsOf } from '../../decide/form/draft.ts';
import { fieldsOf } from '../../decide/form/fields.ts';
import { isObject } from '../../decide/form/json.ts';
import { ProblemNote } from '../../display/problem-note.tsx';
import { ValueView } from '../../display/value.tsx';
import { Section } from '../../manage/page.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { useAct } from '../../manage/use-act.ts';
import { UserField } from '../../manage/user-field.tsx';
import { problemFor } from '../../session/problem.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import type { Action } from './use-action.ts';

/** How long the page waits for the result, in seconds. The errand continues after that. */
const WAIT = 20;

export function RunSection({ action }: { action: Action }) {
  const { key, inputSchema, state } = action;
  const [userId, setUserId] = useState('');
  const [replan, setReplan] = useState(false);
  const { draft, setDraft, faults, values } = useInput(inputSchema);
  const [isTried, setTried] = useState(false);
  const input = { key, userId: userId.trim(), ...(values && { input: values }), ...(replan && { replan }) };
  const call = useRunAction(input);
  const mayNot = useOffReason('runs:write');
  const off = mayNot ?? (state === 'paused' ? 'The action is paused. Activate it first.' : undefined);
  return (
    <Section title="Run it">
      <form
        className="flex max-w-xl flex-col gap-4 rounded-xl border border-line bg-pane p-4"
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (off === undefined && !call.isBusy && Object.keys(faults).length === 0) call.run();
        }}
      >
        <UserField userId={userId} onChange={setUserId} />
        {inputSchema && (
          <ArgsForm
            isPlain
            name="Inputs"
            schema={inputSchema}
            draft={draft}
            onChange={setDraft}
            faults={isTried ? faults : {}}
          />
        )}
        <label className="flex items-start gap-2">
          <input
            type="checkbox"
            className="mt-1"
            checked={replan}
            onChange={({ target }) => setReplan(target.checked)}
          />
          Plan again if its tools have changed
        </label>
        <div className="flex flex-wrap gap-2">
          <Button type="submit" look="accent" isBusy={call.isBusy} offBecause={off}>
            Run
          </Button>
          <CodeButton
            title="Run the action from code"
            operation="actions.run"
            input={input}
            note="Each call creates another errand."
          />
        </div>
      </form>
      <div aria-live="polite">
        {call.isBusy && <p className="text-dim">The action runs.</p>}
        <Outcome call={call} />
      </div>
    </Section>
  );
}

/** The values of the form, by the names of the inputs; undefined if the action takes none. */
function useInput(schema: Action['inputSchema']) {
  const [draft, setDraft] = useState(() => answerDraft(schema));
  const faults = schema ? faultsOf(draft, fieldsOf(schema, draft.values)) : {};
  const values = schema && (isObject(draft.values) ? draft.values : {});
  return { draft, setDraft, faults, values };
}

type RunInput = Parameters<ReturnType<typeof useClient>['actions']['run']['mutate']>[0];
type Call = ReturnType<typeof useRunAction>;

function useRunAction(input: RunInput) {
  const client = useClient();
  const [answer, setAnswer] = useState<{ runId: string; output?: unknown; replanned?: boolean | undefined }>();
  const act = useAct({
    act: () => {
      setAnswer(undefined);
      return client.actions.run.mutate({ ...input, prefer: `wait=${WAIT}`, idempotencyKey: crypto.randomUUID() });
    },
    refresh: [['actions']],
    showsProblem: true,
    onDone: setAnswer,
  });
  return { ...act, answer };
}

const CONTINUES: Readonly<Record<string, string>> = {
  action_waits: 'The errand waits for a person, and continues after that.',
  action_unfinished: 'The errand continues.',
};

function Outcome({ call: { answer, error, isBusy } }: { call: Call }) {
  if (isBusy) return null;
  if (answer)
    return (
      <div className="flex min-w-0 flex-col gap-2 rounded-xl border border-good p-4">
        <p className="font-semibold">
          The action has succeeded. <RunLink runId={answer.runId} />
        </p>
        {answer.replanned && <p>Its tools had changed: the action has a new plan.</p>}
        {answer.output !== undefined && <ValueView value={answer.output} />}
      </div>
    );
  if (error == null) return null;
  const problem = problemFor(error) as ReturnType<typeof problemFor> & { runId?: string };
  const note = CONTINUES[problem.code];
  return (
    <div className="flex flex-col gap-2">
      {note === undefined ? (
        <ProblemNote error={error} />
      ) : (
        <p className="rounded-xl border border-wait bg-wait-soft p-4">{note}</p>
      )}
      {problem.runId !== undefined && (
        <p>
          <RunLink runId={problem.runId} />
        </p>
      )}
    </div>
  );
}

function RunLink({ runId }: { runId: string }) {
  const workspaceId = useWorkspaceId();
  return (
    <Link to="/w/$workspaceId/runs/$runId" params={{ workspaceId, runId }} className="text-accent underline">
      Open the errand
    </Link>
  );
}
