/** SQL: the condition of links that can still be used. */
export const IS_USABLE = 'used_at IS NULL AND revoked_at IS NULL AND expires_at > now()';
/** SQL: the condition of invitations that can still be used. */
export const OPEN_INVITATIONS = `kind = 'invitation' AND ${IS_USABLE}`;
