export * from './error.ts';
export * from './ids.ts';
export * from './json.ts';
export * from './plan.ts';
export * from './planner.ts';
export * from './secret.ts';
export * from './status.ts';
export * from './tool.ts';
