import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { CodeButton } from '../../../code/code-button.tsx';
import { Button, buttonClass } from '../../../controls/button.tsx';
import { Field, TextInput } from '../../../controls/field.tsx';
import { ProblemNote } from '../../../display/problem-note.tsx';
import { Text } from '../../../display/text.tsx';
import { useOffReason } from '../../../manage/rights.ts';
import { useAct } from '../../../manage/use-act.ts';
import { UserOptions } from '../../../session/user-options.tsx';
import { useClient, useWorkspaceId } from '../../../session/workspace.tsx';
import type { Integration } from '../../integration/use-integration.ts';
import { TrialCard } from './trial-card.tsx';

type Link = { userId: string; url: string };

/** Connects an account of a user, in another window. */
export function ConnectCard({ integration: { customerIntegrationId, name } }: { integration: Integration }) {
  const client = useClient();
  const off = useOffReason('connections:write');
  const [text, setText] = useState('');
  const [link, setLink] = useState<Link>();
  const listId = useId();
  const userId = text.trim();
  const input = { customerIntegrationId, userId };
  const { run, isBusy, error } = useAct({
    act: () => client.integrations.authUrl.mutate(input),
    onDone: ({ authorizeUrl }) => {
      setLink({ userId, url: authorizeUrl });
      open(authorizeUrl, '_blank', 'noopener');
    },
    showsProblem: true,
  });
  return (
    <form
      className="flex max-w-3xl flex-col gap-3 rounded-xl border border-line bg-pane p-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy && off === undefined) run();
      }}
    >
      <p>
        Users connect their accounts at <Text>{name}</Text>, by a link or when an errand needs it. Connect one now to
        try it.
      </p>
      <Field label="User" hint="The id of a user in your product. The account that you connect belongs to this user.">
        {(control) => (
          <TextInput
            {...control}
            required
            maxLength={255}
            list={listId}
            className="!w-72 max-w-full"
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
        )}
      </Field>
      <UserOptions id={listId} text={text} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" isBusy={isBusy} offBecause={off}>
          Connect an account
        </Button>
        <CodeButton title="Make the link from code" operation="integrations.authUrl" input={input} />
      </div>
      {error != null && <ProblemNote error={error} />}
      {link && <Connection customerIntegrationId={customerIntegrationId} link={link} />}
    </form>
  );
}

const REFRESH_MS = 2_000;

/** Waits until the user is connected. */
function Connection({ customerIntegrationId, link: { userId, url } }: { customerIntegrationId: string; link: Link }) {
  const client = useClient();
  const { data } = useQuery({
    queryKey: ['integrations', useWorkspaceId(), 'user', customerIntegrationId, userId],
    queryFn: ({ signal }) => client.integrations.getUser.query({ customerIntegrationId, userId }, { signal }),
    refetchInterval: ({ state }) => (state.data?.active ? false : REFRESH_MS),
  });
  return (
    <>
      <p role="status" className={`break-words ${data?.active ? 'text-good' : ''}`}>
        <Text>{userId}</Text>{' '}
        {data?.active ? 'is connected.' : 'is not connected yet. Finish it in the other window: this page notices.'}
      </p>
      {data?.active ? (
        <TrialCard customerIntegrationId={customerIntegrationId} userId={userId} />
      ) : (
        <div>
          <a href={url} target="_blank" rel="noopener noreferrer" className={buttonClass()}>
            Open the page again
          </a>
        </div>
      )}
    </>
  );
}
