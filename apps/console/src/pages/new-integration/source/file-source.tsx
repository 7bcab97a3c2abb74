import { useMutation } from '@tanstack/react-query';
import { Field, INPUT_CLASS } from '../../../controls/field.tsx';
import { sizeText } from '../../../display/download.ts';
import { Text } from '../../../display/text.tsx';
import { useClient } from '../../../session/workspace.tsx';
import type { InspectInput } from '../draft.ts';
import { BaseUrlField, type SourceProps } from './address-source.tsx';
import { InspectForm } from './inspect-form.tsx';

/** The request may have 6 MiB. */
const MAX_BYTES = 5 * 1024 * 1024;

type FileSourceProps = Pick<SourceProps, 'form' | 'onChange'> & {
  onFound: (found: Parameters<SourceProps['onFound']>[0], input: InspectInput, fileName: string) => void;
};

/** An OpenAPI document on this computer. */
export function FileSource({ form, onChange, onFound }: FileSourceProps) {
  const client = useClient();
  const { file } = form;
  const inspect = useMutation({
    mutationFn: async (chosen: File) => {
      const input: InspectInput = {
        document: documentOf(await chosen.text()),
        ...(form.baseUrl.trim() !== '' && { baseUrl: form.baseUrl.trim() }),
      };
      return { input, inspection: await client.integrations.inspect.mutate(input) };
    },
    onSuccess: ({ input, inspection }, { name }) => onFound(inspection, input, name),
  });
  return (
    <InspectForm
      isBusy={inspect.isPending}
      error={inspect.error}
      offBecause={offBecause(file)}
      onSend={() => file && inspect.mutate(file)}
    >
      <Field label="OpenAPI document" hint="JSON or YAML, at most 5 MiB." error={file && tooLarge(file)}>
        {(control) => (
          <input
            {...control}
            type="file"
            accept=".json,.yaml,.yml,application/json,application/yaml"
            className={INPUT_CLASS}
            onChange={({ target }) => onChange({ file: target.files?.[0] })}
          />
        )}
      </Field>
      {file && (
        <p className="text-dim">
          Chosen: <Text>{file.name}</Text>, {sizeText(file.size)}
        </p>
      )}
      <BaseUrlField form={form} onChange={onChange} />
    </InspectForm>
  );
}

const offBecause = (file: File | undefined): string | undefined =>
  file === undefined ? 'Choose a file first.' : tooLarge(file);

const tooLarge = (file: File): string | undefined =>
  file.size > MAX_BYTES
    ? 'The file has more than 5 MiB. Name the address of the document instead, or upload it from a program: POST /v1/integrations/inspect/upload.'
    : undefined;

/** JSON as an object, which needs no escapes in the request; else the text. */
function documentOf(text: string): NonNullable<InspectInput['document']> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // YAML, or a mistake that the service names.
  }
  return text;
}
