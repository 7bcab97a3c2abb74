// Connects a user: a link on which the user consents, or a token that a person enters for the user.
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { Field, Select, TextInput } from '../../controls/field.tsx';
import { FormDialog } from '../../manage/form-dialog.tsx';
import { UserField } from '../../manage/user-field.tsx';
import { type Integration, useIntegrations } from '../../session/integrations.ts';
import { useClient } from '../../session/workspace.tsx';
import { ConnectLink } from './connect-link.tsx';

type ConnectDialogProps = {
  /** Absent: the person enters it. */
  userId?: string;
  /** Absent: the person chooses it. */
  customerIntegrationId?: string;
  onClose: () => void;
};
type Way = 'link' | 'secret';

/** Kinds of authentication with a credential of each user. */
const OWN_CREDENTIALS: readonly Integration['authType'][] = ['OAUTH2', 'API_TOKEN', 'BASIC'];

export function ConnectDialog(props: ConnectDialogProps) {
  const { customerIntegrationId, onClose } = props;
  const integrations = useIntegrations().filter((each) =>
    customerIntegrationId === undefined
      ? OWN_CREDENTIALS.includes(each.authType)
      : each.customerIntegrationId === customerIntegrationId,
  );
  const [link, setLink] = useState<{ userId: string; url: string }>();
  if (link) return <ConnectLink {...link} onClose={onClose} />;
  if (integrations.length > 0) return <ConnectForm {...props} integrations={integrations} onLink={setLink} />;
  return (
    <Dialog title="Connect a user" onClose={onClose}>
      <p>
        {customerIntegrationId === undefined
          ? 'No integration of this workspace takes a credential of each user.'
          : 'The integration is off. Turn it on, then connect its users.'}
      </p>
      <Button className="mt-4" onClick={onClose}>
        Close
      </Button>
    </Dialog>
  );
}

type ConnectFormProps = ConnectDialogProps & {
  integrations: readonly Integration[];
  onLink: (link: { userId: string; url: string }) => void;
};

function ConnectForm({ userId: knownUser, customerIntegrationId, integrations, onLink, onClose }: ConnectFormProps) {
  const client = useClient();
  const [enteredUser, setUser] = useState(knownUser ?? '');
  const [chosen, choose] = useState(customerIntegrationId);
  const [name, setName] = useState('');
  const [way, setWay] = useState<Way>('link');
  const [secret, setSecret] = useState<Secret>({ user: '', text: '' });
  const integration = integrations.find((each) => each.customerIntegrationId === chosen) ?? integrations[0]!;
  const { authType } = integration;
  const hasSecret = authType === 'API_TOKEN' || authType === 'BASIC';
  const takesSecret = hasSecret && way === 'secret';
  const userId = enteredUser.trim();
  const target = { customerIntegrationId: integration.customerIntegrationId, userId };
  const linkInput = { ...target, ...(name.trim() !== '' && { user: { name: name.trim() } }) };
  const makeLink = async (): Promise<string | undefined> =>
    (await client.integrations.authUrl.mutate(linkInput)).authorizeUrl;
  const storeSecret = async (): Promise<string | undefined> => {
    const credential = authType === 'BASIC' ? { user: secret.user, password: secret.text } : { apiToken: secret.text };
    await client.integrations.putCredentials.mutate({ ...target, ...credential });
    return undefined;
  };
  return (
    <FormDialog
      title={knownUser === undefined ? 'Connect a user' : `Connect ${knownUser}`}
      verb={takesSecret ? 'Store it' : 'Make the link'}
      act={takesSecret ? storeSecret : makeLink}
      {...(takesSecret && { done: 'The credential is stored. Errands that wait for it continue.' })}
      refresh={[['users'], ['integrations']]}
      onClose={onClose}
      onDone={(url) => (url === undefined ? onClose() : onLink({ userId, url }))}
      actions={
        !takesSecret && (
          <CodeButton
            title="Make the link from code"
            operation="integrations.authUrl"
            input={linkInput}
            note="Send the link only to the user."
          />
        )
      }
    >
      {knownUser === undefined && <UserField isFirst userId={enteredUser} onChange={setUser} />}
      {customerIntegrationId === undefined && (
        <IntegrationField integrations={integrations} chosen={integration} onChange={choose} />
      )}
      {hasSecret && <WayChoice way={way} isBasic={authType === 'BASIC'} onChange={setWay} />}
      {takesSecret ? (
        <SecretFields isBasic={authType === 'BASIC'} secret={secret} onChange={setSecret} />
      ) : (
        <Field label="Name of the user" hint="Optional. The page of the consent shows it instead of the id.">
          {(control) => (
            <TextInput {...control} maxLength={200} value={name} onChange={({ target }) => setName(target.value)} />
          )}
        </Field>
      )}
    </FormDialog>
  );
}

type IntegrationFieldProps = {
  integrations: readonly Integration[];
  chosen: Integration;
  onChange: (customerIntegrationId: string) => void;
};

const IntegrationField = ({ integrations, chosen, onChange }: IntegrationFieldProps) => (
  <Field label="Integration">
    {(control) => (
      <Select {...control} value={chosen.customerIntegrationId} onChange={({ target }) => onChange(target.value)}>
        {integrations.map(({ customerIntegrationId, name }) => (
          <option key={customerIntegrationId} value={customerIntegrationId}>
            {name}
          </option>
        ))}
      </Select>
    )}
  </Field>
);

const WayChoice = ({ way, isBasic, onChange }: { way: Way; isBasic: boolean; onChange: (way: Way) => void }) => (
  <fieldset className="flex flex-col gap-1">
    <legend className="font-semibold">The credential comes from</legend>
    {(['link', 'secret'] as const).map((each) => (
      <label key={each} className="flex items-start gap-2 py-0.5">
        <input type="radio" name="way" className="mt-1" checked={way === each} onChange={() => onChange(each)} />
        {each === 'link'
          ? 'the user, on a page that a link opens'
          : `you: ${isBasic ? 'enter the user name and the password' : 'enter the token'} here`}
      </label>
    ))}
  </fieldset>
);

type Secret = { user: string; text: string };
type SecretFieldsProps = { isBasic: boolean; secret: Secret; onChange: (secret: Secret) => void };

const SecretFields = ({ isBasic, secret, onChange }: SecretFieldsProps) => (
  <>
    {isBasic && (
      <Field label="User name at the service">
        {(control) => (
          <TextInput
            {...control}
            required
            maxLength={1000}
            value={secret.user}
            onChange={({ target }) => onChange({ ...secret, user: target.value })}
          />
        )}
      </Field>
    )}
    <Field label={isBasic ? 'Password' : 'Token'} hint="It is stored sealed, and no page shows it again.">
      {(control) => (
        <TextInput
          {...control}
          type="password"
          autoComplete="new-password"
          required
          maxLength={16_384}
          value={secret.text}
          onChange={({ target }) => onChange({ ...secret, text: target.value })}
        />
      )}
    </Field>
  </>
);
