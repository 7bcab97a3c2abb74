import type { Actor, Caller } from '@errand/db';

/** A caller as the audit log names it. */
export const actorOf = ({ apiKeyId, label }: Caller, ip: string): Actor => ({
  type: 'api_key',
  id: apiKeyId,
  label,
  ip,
});
