import type { Schema } from './schemas.ts';

/** An operation of a made-up service. */
export type Operation = {
  id: string;
  method?: 'get' | 'post' | 'patch' | 'put';
  path: string;
  summary: string;
  query?: Record<string, Schema>;
  body?: Schema;
  answer: Schema;
};
