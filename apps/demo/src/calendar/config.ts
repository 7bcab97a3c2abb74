export const readEnv = () => ({
  AUTHORIZATION_PORT: process.env.AUTHORIZATION_PORT,
  CALENDAR_PORT: process.env.CALENDAR_PORT,
  AUTHORIZATION_CLIENT_SECRET: process.env.AUTHORIZATION_CLIENT_SECRET,
  AUTHORIZATION_REDIRECT_URIS: process.env.AUTHORIZATION_REDIRECT_URIS,
  ACCESS_TOKEN_SECONDS: process.env.ACCESS_TOKEN_SECONDS,
});

type Env = Partial<ReturnType<typeof readEnv>>;

/**
 * Parses the ports (0: any free port), the client secret (absent: random), comma-separated redirect URIs, and the lifetime of an access
 * token in seconds.
 * @throws Error if a numeric setting is invalid
 */
export function toConfig(env: Env) {
  return {
    port: whole(env.AUTHORIZATION_PORT, 'AUTHORIZATION_PORT', 0, 65_535),
    calendarPort: whole(env.CALENDAR_PORT, 'CALENDAR_PORT', 0, 65_535),
    clientSecret: env.AUTHORIZATION_CLIENT_SECRET || undefined,
    redirectUris: (env.AUTHORIZATION_REDIRECT_URIS ?? '').split(',').filter(Boolean),
    accessTokenSeconds: whole(env.ACCESS_TOKEN_SECONDS, 'ACCESS_TOKEN_SECONDS', 300, 86_400),
  };
}

function whole(text: string | undefined, name: string, preset: number, most: number): number {
  if (text === undefined || text === '') return preset;
  if (!/^\d{1,6}$/.test(text) || Number(text) > most) throw new Error(`${name} must be 0 to ${most}, not "${text}".`);
  return Number(text);
}
