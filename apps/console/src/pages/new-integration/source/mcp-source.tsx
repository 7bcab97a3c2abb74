import { Field, TextInput } from '../../../controls/field.tsx';
import { UrlField } from '../../../controls/url-field.tsx';
import type { InspectInput } from '../draft.ts';
import type { SourceProps } from './address-source.tsx';
import { InspectForm } from './inspect-form.tsx';
import { useInspect } from './use-inspect.ts';

/** The address of an MCP server. */
export function McpSource({ form, onChange, onFound }: SourceProps) {
  const token = form.token.trim();
  const inspect = useInspect((inspection, input) => onFound(inspection, input, token));
  const input: InspectInput = {
    kind: 'mcp',
    url: form.mcpUrl.trim(),
    trustHints: form.trustHints,
    ...(token !== '' && { auth: { type: 'API_TOKEN', token } }),
  };
  return (
    <InspectForm isBusy={inspect.isPending} error={inspect.error} onSend={() => inspect.mutate(input)}>
      <UrlField
        label="Address of the MCP server"
        hint="A server over HTTP. One that speaks over stdin and stdout needs a bridge."
        placeholder="https://notes.example.com/mcp"
        isRequired
        value={form.mcpUrl}
        onChange={(mcpUrl) => onChange({ mcpUrl })}
      />
      <Field label="Token" hint="Only if the server lists its tools to nobody without one, and users do not consent.">
        {(control) => (
          <TextInput
            {...control}
            type="password"
            autoComplete="new-password"
            value={form.token}
            onChange={({ target }) => onChange({ token: target.value })}
          />
        )}
      </Field>
      <label className="flex items-start gap-2">
        <input
          type="checkbox"
          className="mt-1"
          checked={form.trustHints}
          onChange={({ target }) => onChange({ trustHints: target.checked })}
        />
        <span>
          Trust the server when it says that a tool only reads
          <span className="block text-sm text-dim">Otherwise each of its tools counts as a write.</span>
        </span>
      </label>
    </InspectForm>
  );
}
