import { CopyButton } from '../../../display/copy-button.tsx';

/** Where the authorization server sends users back: the client must be registered with it. */
export function RedirectUri({ isMcp }: { isMcp: boolean }) {
  const uri = `${location.origin}/v1/oauth/callback`;
  return (
    <div className="rounded-lg border border-line bg-pane p-3">
      <p className="font-semibold">Redirect URI of the client</p>
      <p className="flex min-w-0 items-center gap-2">
        <code className="min-w-0 font-mono text-sm break-all">{uri}</code>
        <CopyButton text={uri} name="the redirect URI" />
      </p>
      <p className="text-sm text-dim">
        {isMcp
          ? 'Errand registers a client itself where the authorization server allows it. Otherwise register one with this address.'
          : 'Register a client at the authorization server with this address, and enter its id and secret below.'}{' '}
        If <code className="font-mono">PUBLIC_URL</code> of the service is another address, the redirect URI begins with
        that one.
      </p>
    </div>
  );
}
