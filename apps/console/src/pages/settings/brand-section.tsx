import type { Inputs, Outputs } from '@errand/client/console';
import { useQuery } from '@tanstack/react-query';
import { type ChangeEvent, useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { Field, TextInput } from '../../controls/field.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { Section } from '../../manage/page.tsx';
import { useAct } from '../../manage/use-act.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';

type Brand = Outputs['workspace']['brand'];
type Change = Inputs['workspace']['setBrand'];

/** Bytes of a logo; the service refuses larger ones. */
const MAX_LOGO_BYTES = 64 * 1024;
const FIRST_COLOR = '#2353c4';

export function BrandSection() {
  const client = useClient();
  const { data, error, refetch } = useQuery({
    queryKey: ['brand', useWorkspaceId()],
    queryFn: ({ signal }) => client.workspace.brand.query({}, { signal }),
  });
  return (
    <Section title="Brand">
      <p className="text-dim">
        End users see this name, color and logo on the pages where they connect accounts and decide requests.
      </p>
      {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {data && <BrandForm key={data.updatedAt} brand={data} />}
    </Section>
  );
}

function BrandForm({ brand }: { brand: Brand }) {
  const client = useClient();
  const [name, setName] = useState(brand.name ?? '');
  const [color, setColor] = useState(brand.color);
  const [logo, setLogo] = useState<string | null>();
  const change: Change = {
    ...(name !== (brand.name ?? '') && { name: name === '' ? null : name }),
    ...(color !== brand.color && { color: color ?? null }),
    ...(logo !== undefined && { logo }),
  };
  const save = useAct({
    act: () => client.workspace.setBrand.mutate(change),
    done: 'Saved. Pages show it within ten seconds.',
    refresh: [['brand']],
    showsProblem: true,
  });
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        save.run();
      }}
    >
      <div className="flex flex-wrap gap-x-6 gap-y-3">
        <div className="w-80 max-w-full">
          <Field label="Name of the brand">
            {(control) => (
              <TextInput {...control} maxLength={60} value={name} onChange={({ target }) => setName(target.value)} />
            )}
          </Field>
        </div>
        <ColorField color={color} onChange={setColor} />
        <LogoField brand={brand} chosen={logo} onChange={setLogo} />
      </div>
      {save.error != null && <ProblemNote error={save.error} />}
      <div className="flex gap-2">
        <Button
          type="submit"
          isBusy={save.isBusy}
          offBecause={Object.keys(change).length === 0 ? 'The brand is unchanged.' : undefined}
        >
          Save
        </Button>
        <CodeButton title="Change the brand from code" operation="workspace.setBrand" input={change} />
      </div>
    </form>
  );
}

type ColorFieldProps = { color: string | undefined; onChange: (color: string | undefined) => void };

const ColorField = ({ color, onChange }: ColorFieldProps) => (
  <Field label="Color">
    {(control) => (
      <span className="flex items-center gap-2">
        <input
          {...control}
          type="color"
          className="h-9 w-14 rounded-lg border border-edge bg-pane p-1"
          value={color ?? FIRST_COLOR}
          onChange={({ target }) => onChange(target.value)}
        />
        {color === undefined ? (
          <span className="text-dim">not set</span>
        ) : (
          <Button look="quiet" onClick={() => onChange(undefined)}>
            Remove
          </Button>
        )}
      </span>
    )}
  </Field>
);

type LogoFieldProps = {
  brand: Brand;
  /** Base64 of the chosen file; null if the stored one is to be removed; undefined without a change. */
  chosen: string | null | undefined;
  onChange: (logo: string | null | undefined) => void;
};

function LogoField({ brand, chosen, onChange }: LogoFieldProps) {
  const [fault, setFault] = useState<string>();
  const choose = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const [file] = target.files ?? [];
    if (!file) return;
    setFault(file.size > MAX_LOGO_BYTES ? 'The file is larger than 64 KiB.' : undefined);
    if (file.size <= MAX_LOGO_BYTES) onChange(await base64Of(file));
  };
  const path = brand.logo && chosen !== null ? new URL(brand.logo.url).pathname : undefined;
  return (
    <Field label="Logo" hint="PNG, ICO or WebP, at most 64 KiB." error={fault}>
      {(control) => (
        <span className="flex flex-wrap items-center gap-2">
          {path !== undefined && chosen === undefined && (
            <img src={path} alt="The stored logo" className="max-h-9 max-w-24" />
          )}
          <input
            {...control}
            type="file"
            accept="image/png,image/webp,image/vnd.microsoft.icon,image/x-icon,.ico"
            className="max-w-56 text-dim"
            onChange={(event) => void choose(event)}
          />
          {(brand.logo || chosen) && chosen !== null && (
            <Button look="quiet" onClick={() => onChange(brand.logo ? null : undefined)}>
              Remove
            </Button>
          )}
          {chosen === null && <span className="text-dim">will be removed</span>}
        </span>
      )}
    </Field>
  );
}

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
