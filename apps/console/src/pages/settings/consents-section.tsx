import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { Field, TextInput } from '../../controls/field.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { Section } from '../../manage/page.tsx';
import { useAct } from '../../manage/use-act.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';

export function ConsentsSection() {
  const client = useClient();
  const { data, error, refetch } = useQuery({
    queryKey: ['consent settings', useWorkspaceId()],
    queryFn: ({ signal }) => client.workspace.consentSettings.query({}, { signal }),
  });
  return (
    <Section title="Confirmation of consents">
      <p className="text-dim">
        A page of your product that confirms which of its users gave a consent, so that nobody can connect an account
        for another user. Integrations can name a page of their own.
      </p>
      {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {data && <VerifyUrlForm key={data.verifyUrl} stored={data.verifyUrl ?? ''} />}
    </Section>
  );
}

function VerifyUrlForm({ stored }: { stored: string }) {
  const client = useClient();
  const [text, setText] = useState(stored);
  const input = { verifyUrl: text.trim() === '' ? null : text.trim() };
  const save = useAct({
    act: () => client.workspace.setConsentSettings.mutate(input),
    done: 'Saved.',
    refresh: [['consent settings']],
    showsProblem: true,
  });
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        save.run();
      }}
    >
      <Field label="Address of the page" hint="Empty: consents need no confirmation.">
        {(control) => (
          <TextInput
            {...control}
            inputMode="url"
            placeholder="https://app.example.com/consents/verify"
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
        )}
      </Field>
      {save.error != null && <ProblemNote error={save.error} />}
      <div className="flex gap-2">
        <Button
          type="submit"
          isBusy={save.isBusy}
          offBecause={text.trim() === stored ? 'The address is unchanged.' : undefined}
        >
          Save
        </Button>
        <CodeButton title="Set the page from code" operation="workspace.setConsentSettings" input={input} />
      </div>
    </form>
  );
}
