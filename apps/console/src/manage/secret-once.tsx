import { CopyButton } from '../display/copy-button.tsx';

type SecretOnceProps = {
  secret: string;
  /** Of the text to copy: "the key". */
  name: string;
  /** The variable of the ready line for a `.env` file. */
  variable?: string;
};

/** A secret that no later answer contains, with ways to copy it. */
export const SecretOnce = ({ secret, name, variable }: SecretOnceProps) => (
  <div className="flex flex-col gap-2 rounded-lg border border-wait bg-wait-soft p-3">
    <p className="font-semibold">Copy {name} now: it is shown only once.</p>
    <Line text={secret} name={name} />
    {variable !== undefined && <Line text={`${variable}=${secret}`} name="the line for .env" />}
  </div>
);

const Line = ({ text, name }: { text: string; name: string }) => (
  <p className="flex min-w-0 items-center gap-2">
    <code className="min-w-0 font-mono text-sm break-all">{text}</code>
    <CopyButton text={text} name={name} />
  </p>
);
