import { useId } from 'react';
import { Field, TextInput } from '../controls/field.tsx';
import { UserOptions } from '../session/user-options.tsx';

type UserFieldProps = { userId: string; onChange: (userId: string) => void; isFirst?: boolean };

/** Names an end user, with suggestions. */
export function UserField({ userId, onChange, isFirst = false }: UserFieldProps) {
  const listId = useId();
  return (
    <Field label="User" hint="The id of the user in your product. Calls use the credentials of this user.">
      {(control) => (
        <>
          <TextInput
            {...control}
            {...(isFirst && { 'data-first-focus': true })}
            required
            maxLength={255}
            list={listId}
            value={userId}
            onChange={({ target }) => onChange(target.value)}
          />
          <UserOptions id={listId} text={userId} />
        </>
      )}
    </Field>
  );
}
