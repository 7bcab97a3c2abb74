import { Bell, BellOff } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../controls/button.tsx';

/** Asks the browser to notify of new requests while its window is in the background. */
export function NotifyButton() {
  const [permission, setPermission] = useState(() => ('Notification' in window ? Notification.permission : undefined));
  if (permission === undefined || permission === 'granted') return null;
  const isDenied = permission === 'denied';
  const Icon = isDenied ? BellOff : Bell;
  return (
    <Button
      offBecause={isDenied ? 'This browser blocks notifications of this page. Allow them in its settings.' : undefined}
      onClick={() => void Notification.requestPermission().then(setPermission)}
    >
      <Icon size={14} aria-hidden="true" />
      Notify me
    </Button>
  );
}
