type Env = { readonly CRM_PORT?: string; readonly CRM_TOKEN?: string };

export type Config = { readonly port: number; readonly token?: string };

export const readEnv = (): Env => ({ CRM_PORT: process.env.CRM_PORT, CRM_TOKEN: process.env.CRM_TOKEN });

/**
 * Parses the port (0: any free port) and the token (absent: random).
 * @throws Error if CRM_PORT is invalid
 */
export function toConfig({ CRM_PORT: port = '0', CRM_TOKEN: token }: Env): Config {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error(`CRM_PORT must be 0 to 65535, not "${port}".`);
  return { port: Number(port), token: token || undefined };
}
