export { type Config, readEnv, toConfig } from './config/config.ts';
export { ConfigError } from './config/setting.ts';
export type { Env } from './config/settings.ts';
export { holdPort } from './http/port.ts';
export { type Service, startService } from './start/service.ts';
