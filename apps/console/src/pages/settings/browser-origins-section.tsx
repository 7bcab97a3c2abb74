import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { Field, TextArea } from '../../controls/field.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { Section } from '../../manage/page.tsx';
import { useAct } from '../../manage/use-act.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';

export function BrowserOriginsSection() {
  const client = useClient();
  const { data, error, refetch } = useQuery({
    queryKey: ['browser origins', useWorkspaceId()],
    queryFn: ({ signal }) => client.workspace.browserOrigins.query({}, { signal }),
  });
  const stored = data?.origins.join('\n');
  return (
    <Section title="Web pages that may call Errand">
      <p className="text-dim">
        Pages of these origins may use user tokens of this workspace from a browser. The operator of the service must
        list them in <code className="font-mono text-sm">ERRAND_CORS_ORIGINS</code> too.
      </p>
      {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {stored !== undefined && <OriginsForm key={stored} stored={stored} />}
    </Section>
  );
}

function OriginsForm({ stored }: { stored: string }) {
  const client = useClient();
  const [text, setText] = useState(stored);
  const origins = text.split(/\s+/).filter((origin) => origin !== '');
  const save = useAct({
    act: () => client.workspace.setBrowserOrigins.mutate({ origins }),
    done: 'Saved. All processes apply it within five seconds.',
    refresh: [['browser origins']],
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
      <Field label="Origins of web pages" hint="One on each line: scheme, host, and the port if it is unusual.">
        {(control) => (
          <TextArea
            {...control}
            rows={3}
            className="font-mono"
            placeholder="https://app.example.com"
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
          offBecause={origins.join('\n') === stored ? 'The list is unchanged.' : undefined}
        >
          Save
        </Button>
        <CodeButton title="Set the origins from code" operation="workspace.setBrowserOrigins" input={{ origins }} />
      </div>
    </form>
  );
}
