import { Field, TextInput } from '../controls/field.tsx';

/** The address of the page on which a user consents, to be copied. */
export const ConsentLink = ({ url, userId }: { url: string; userId: string }) => (
  <Field
    label={`The link for ${userId}`}
    hint={`It works for a day. A person who opens it connects their own account to ${userId}, so send it to that user alone.`}
  >
    {(control) => (
      <TextInput
        {...control}
        readOnly
        value={url}
        className="font-mono text-sm"
        onFocus={({ target }) => target.select()}
      />
    )}
  </Field>
);
