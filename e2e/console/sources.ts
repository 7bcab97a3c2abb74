// The operations that the sources of the console name, found with the parser of TypeScript.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const CONSOLE = fileURLToPath(new URL('../../apps/console/src', import.meta.url));

/** Operations by their names in the contract: `runs.list`. */
export type Named = {
  /** Called with the client. */
  called: ReadonlySet<string>;
  /** Shown as programs by a `CodeButton`. */
  withCode: ReadonlySet<string>;
};

/** @param operations the names of all operations */
export function operationsNamed(operations: ReadonlySet<string>, folder = CONSOLE): Named {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts') && !file.includes('generated'),
  );
  const all = files.map((file) => namedIn(file, readFileSync(join(folder, file), 'utf8')));
  const known = (names: string[]) => new Set(names.filter((name) => operations.has(name)));
  return {
    called: known(all.flatMap(({ called }) => called)),
    withCode: known(all.flatMap(({ withCode }) => withCode)),
  };
}

/** The names in one file; `called` has also chains of other objects, as `a.b.mutate()`. */
export function namedIn(file: string, text: string): { called: string[]; withCode: string[] } {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const called: string[] = [];
  const withCode: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && METHODS.has(node.name.text))
      called.push(...chainsOf(node.expression, source));
    if ((ts.isJsxSelfClosingElement(node) || ts.isJsxOpeningElement(node)) && node.tagName.getText() === 'CodeButton')
      withCode.push(...operationsOf(node, file));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { called, withCode };
}

const METHODS: ReadonlySet<string> = new Set(['query', 'mutate', 'subscribe']);

/** The last two names of `client.runs.list`, `runs.list`, `people[a ? 'enable' : 'disable']` or a choice between such. */
function chainsOf(node: ts.Expression, source: ts.SourceFile): string[] {
  if (ts.isParenthesizedExpression(node)) return chainsOf(node.expression, source);
  if (ts.isConditionalExpression(node))
    return [node.whenTrue, node.whenFalse].flatMap((part) => chainsOf(part, source));
  if (!isAccess(node)) return [];
  return groupsOf(node.expression, source).flatMap((group) => namesOf(node).map((name) => `${group}.${name}`));
}

type Access = ts.PropertyAccessExpression | ts.ElementAccessExpression;
const isAccess = (node: ts.Node): node is Access =>
  ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node);

const namesOf = (node: Access): string[] =>
  ts.isPropertyAccessExpression(node) ? [node.name.text] : literalsIn(node.argumentExpression);

function groupsOf(node: ts.Expression, source: ts.SourceFile): string[] {
  if (isAccess(node)) return namesOf(node);
  if (!ts.isIdentifier(node)) return [];
  return groupsBoundTo(node.text, source);
}

/** The groups that `const { runs: name } = client` and `const name = client.runs` bind to a name. */
function groupsBoundTo(name: string, source: ts.SourceFile): string[] {
  const groups: string[] = [];
  const visit = (node: ts.Node): void => {
    const isBinding = ts.isBindingElement(node) || ts.isVariableDeclaration(node);
    if (isBinding && ts.isIdentifier(node.name) && node.name.text === name) {
      if (ts.isBindingElement(node)) groups.push((node.propertyName ?? node.name).getText());
      else if (node.initializer && isAccess(node.initializer)) groups.push(...namesOf(node.initializer));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return groups;
}

function operationsOf({ attributes }: ts.JsxOpeningLikeElement, file: string): string[] {
  const attribute = attributes.properties.find((each) => each.name?.getText() === 'operation');
  const names = attribute ? literalsIn(attribute) : [];
  if (names.length === 0)
    throw new Error(
      `${file}: a CodeButton names no operation. Write the name as a text in the attribute \`operation\`.`,
    );
  return names;
}

/** The texts that are written in an expression. */
function literalsIn(node: ts.Node): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  const literals: string[] = [];
  ts.forEachChild(node, (child) => void literals.push(...literalsIn(child)));
  return literals;
}
