// The token of the session: one half of it. The other is a cookie, which no script can read.

const KEY = 'errand-session';

export const readToken = (): string => localStorage.getItem(KEY) ?? '';
export const storeToken = (token: string): void => localStorage.setItem(KEY, token);
export const removeToken = (): void => localStorage.removeItem(KEY);

/** Calls back when another tab of this browser signs in or out. */
export function onTokenChange(listener: () => void): () => void {
  const heard = ({ key }: StorageEvent) => {
    if (key === KEY) listener();
  };
  addEventListener('storage', heard);
  return () => removeEventListener('storage', heard);
}
