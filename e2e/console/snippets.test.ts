// The programs that the code buttons of the console show run as they are copied, against the service: every language of every operation in
// the project `slow`, one language of each in `e2e`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OperationName, type RestRequest, requestOf } from '@errand/console/operation';
import { LANGUAGES, type Language, snippetOf } from '@errand/console/snippets';
import { contract } from '@errand/contracts';
import ts from 'typescript';
import { beforeAll, expect, test } from 'vitest';
import { combine } from '../fixtures/combine.ts';
import { aFolder, type Program, startProgram } from '../fixtures/program.ts';
import { startPython } from '../python/start-python.ts';
import { allOperations } from '../tenancy/id-fields.ts';
import { type Sampled, samples, startSampled } from './samples.ts';
import { operationsNamed } from './sources.ts';

const names = Object.keys(samples) as OperationName[];

let sampled: Sampled;
beforeAll(async () => {
  sampled = await startSampled();
  return () => sampled.office.close();
});

test('every operation of a code button has a sample', () => {
  const { withCode } = operationsNamed(new Set(allOperations.map(({ name }) => name)));
  expect(withCode.size).toBeGreaterThan(10);
  expect(
    [...withCode].filter((name) => !(name in samples)),
    'Pages show programs of these operations. Add an input of each to e2e/console/samples.ts.',
  ).toEqual([]);
});

async function requestFor(name: OperationName): Promise<RestRequest> {
  const inputOf = samples[name] as (sampled: Sampled) => Promise<never>;
  const request = requestOf(name, await inputOf(sampled));
  if (!request) throw new Error(`${name} has no REST route, so that its code button shows nothing.`);
  return request;
}

const TYPES = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: ['node'],
  typeRoots: [join(import.meta.dirname, '..', '..', 'node_modules', '@types')],
} satisfies ts.CompilerOptions;

test('the programs in TypeScript have no error of types', async () => {
  const folder = aFolder();
  const files = await Promise.all(
    names.map(async (name) => {
      const file = join(folder, `${name}.ts`);
      writeFileSync(file, snippetOf('TypeScript', sampled.office.stack.url, await requestFor(name)));
      return file;
    }),
  );
  const errors = ts.getPreEmitDiagnostics(ts.createProgram(files, TYPES));
  const texts = errors.map(
    (error) => `${error.file?.fileName}: ${ts.flattenDiagnosticMessageText(error.messageText, '\n')}`,
  );
  expect(texts).toEqual([]);
});

const STARTERS: Readonly<Record<Language, (program: string, env: Record<string, string>) => Program>> = {
  curl: (program, env) => startProgram(aFolder(), ['-c', program], { command: 'bash', env }),
  TypeScript: (program, env) => {
    const { outputText } = ts.transpileModule(program, { compilerOptions: TYPES });
    return startProgram(aFolder(), ['--input-type=module', '-e', outputText], { env });
  },
  Python: (program, env) => startPython(['-c', program], { env }),
};

const cases = combine(names, () => LANGUAGES).map(([name, language]) => ({ name, language }));

test.each(cases)('$name in $language', async ({ name, language }) => {
  const { url, apiKey } = sampled.office.stack;
  const request = await requestFor(name);
  const program = STARTERS[language](snippetOf(language, url, request), { ERRAND_API_KEY: apiKey });
  const { code } = await program.ended;
  const output = program.output().trim();
  expect(code, output).toBe(0);
  if (language === 'curl') expectAnswer(name, request.hasAnswer ? JSON.parse(output) : output);
  else expect(output).toMatch(request.hasAnswer ? /^2\d\d [{[]/ : /^204$/);
});

type Described = { output: { parse(value: unknown): unknown } };

/** curl prints the answer without its status: it must be an answer of this operation. */
function expectAnswer(name: OperationName, answer: unknown): void {
  if (answer === '') return;
  expect(answer).not.toHaveProperty('code');
  const [group = '', operation = ''] = name.split('.');
  const { output } = (contract as unknown as Record<string, Record<string, Described>>)[group]![operation]!;
  output.parse(answer);
}
