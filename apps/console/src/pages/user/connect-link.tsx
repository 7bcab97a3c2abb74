import { ExternalLink } from 'lucide-react';
import { Button, buttonClass } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { safeUrl } from '../../decide/entry.ts';
import { ConsentLink } from '../../display/consent-link.tsx';
import { copy } from '../../display/copy-button.tsx';

/** The page on which a user connects an account, to be sent to the user. */
export function ConnectLink({ userId, url, onClose }: { userId: string; url: string; onClose: () => void }) {
  const address = safeUrl(url);
  return (
    <Dialog title="The link is made" onClose={onClose}>
      <div className="flex flex-col gap-4">
        <ConsentLink url={url} userId={userId} />
        <div className="flex flex-wrap justify-end gap-2">
          {address && (
            <a href={address.href} target="_blank" rel="noopener noreferrer" className={buttonClass()}>
              <ExternalLink size={14} aria-hidden="true" />
              Open it here
            </a>
          )}
          <Button look="accent" data-first-focus onClick={() => void copy(url)}>
            Copy the link
          </Button>
          <Button onClick={onClose}>Close</Button>
        </div>
      </div>
    </Dialog>
  );
}
