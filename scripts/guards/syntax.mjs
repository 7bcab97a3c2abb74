import { parseSync } from '@swc/core';
import { read } from './sources.mjs';

// What stands in a type is gone when the program runs.
const typesOnly = new Set([
  'TsTypeAnnotation',
  'TsInterfaceDeclaration',
  'TsTypeAliasDeclaration',
  'TsTypeParameterInstantiation',
  'TsTypeParameterDeclaration',
]);

/**
 * The syntax tree of a file.
 * @returns the tree, and what tells a node's line
 */
export function parse(root, file) {
  const text = read(root, file);
  // Positions count on from file to file, in bytes, and a tree starts at its first token: an empty statement put in front
  // tells where the file began.
  const tree = parseSync(`;${text}`, { syntax: 'typescript', tsx: file.endsWith('x'), target: 'es2022' });
  const start = tree.body[0].span.start + 1;
  const bytes = Buffer.from(text);
  const lineOf = (node) =>
    bytes
      .subarray(0, node.span.start - start)
      .toString()
      .split('\n').length;
  return { tree, lineOf };
}

/** Calls `see(node, parent, key)` for every node of the running program, from the outside in. */
export function walk(node, see, parent = undefined, key = '') {
  if (Array.isArray(node)) {
    for (const item of node) walk(item, see, parent, key);
  } else if (node && typeof node === 'object') {
    if (typesOnly.has(node.type)) return;
    if (/^Ts(As|Satisfies|TypeAssertion|ConstAssertion)/.test(node.type ?? ''))
      return walk(node.expression, see, parent, key);
    if (node.type) see(node, parent, key);
    for (const [name, child] of Object.entries(node)) {
      if (name !== 'span') walk(child, see, node.type ? node : parent, name);
    }
  }
}

/** The name of `a.name` and `a['name']`. */
export function property(member) {
  const { property: name } = member;
  return name.type === 'Computed' ? name.expression.value : name.value;
}

/**
 * What a program takes from other modules when it runs: `names` are the imported names, or undefined when it takes the
 * module whole.
 */
export function imports(tree) {
  const found = [];
  const value = (specifier) => (specifier.imported ?? specifier.orig ?? specifier.local).value;
  walk(tree, (node) => {
    if (
      (node.type === 'ImportDeclaration' || node.type === 'ExportNamedDeclaration') &&
      node.source &&
      !node.typeOnly
    ) {
      const taken = node.specifiers.filter((specifier) => !specifier.isTypeOnly);
      const whole = taken.some((s) => /Default|Namespace/.test(s.type));
      if (taken.length > 0 || node.specifiers.length === 0) {
        found.push({ node, from: node.source.value, names: whole ? undefined : taken.map(value) });
      }
    }
    if (node.type === 'ExportAllDeclaration') found.push({ node, from: node.source.value, names: undefined });
    if (node.type === 'CallExpression' && loads(node.callee)) {
      const [argument] = node.arguments;
      const { expression } = argument ?? {};
      const from = expression?.type === 'TemplateLiteral' ? expression.quasis[0].cooked : expression?.value;
      if (typeof from === 'string') found.push({ node, from, names: undefined });
    }
  });
  return found;
}

const loads = (callee) =>
  callee.type === 'Import' ||
  (callee.type === 'Identifier' && callee.value === 'require') ||
  (callee.type === 'MemberExpression' && property(callee) === 'getBuiltinModule');

/** Every name that a file gives to something of its own: parameters, variables, functions, imports. */
export function bound(tree) {
  const names = new Set();
  const bind = (pattern) =>
    walk(pattern, (node, parent, key) => {
      const given = node.type === 'Identifier' && !['key', 'right', 'init', 'object'].includes(key);
      if (given && parent?.type !== 'MemberExpression') names.add(node.value);
    });
  walk(tree, (node) => {
    if (node.type === 'VariableDeclarator') bind(node.id);
    if (node.type === 'AssignmentPatternProperty') names.add(node.key.value);
    if (node.type === 'Parameter') bind(node.pat);
    if (node.type === 'ArrowFunctionExpression') node.params.forEach(bind);
    if (/^Import.*Specifier$/.test(node.type)) names.add(node.local.value);
    if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') names.add(node.identifier.value);
  });
  return names;
}
