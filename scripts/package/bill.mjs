// The bill of materials (CycloneDX) and the third-party notices of the package `errand`.
import { Contrib, Enums, Models, Serialize, Spec, Validation } from '@cyclonedx/cyclonedx-library';
import parseExpression from 'spdx-expression-parse';
import { folderOf, idOf, readPackage } from './packages.mjs';

/** @typedef {import('./packages.mjs').NpmPackage} NpmPackage */
/** @typedef {import('@cyclonedx/cyclonedx-library').Models.Component} Component */
/** @typedef {{ bomFormat: string, components?: { name: string, group?: string, version?: string }[] }} Bill */

const licenses = new Contrib.License.Factories.LicenseFactory(parseExpression);
/** Licences that everyone may ship in a program, with their texts. Another one needs a decision. */
const ALLOWED = new Set([
  ...['MIT', 'MIT-0', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Unlicense', 'CC0-1.0'],
  ...['BlueOak-1.0.0', 'Python-2.0', 'Zlib'],
]);

/** @param {NpmPackage} npmPackage */
export function npmComponent({ name, version, license }) {
  const [group, plain] = name.startsWith('@') ? name.split('/') : [undefined, name];
  const component = new Models.Component(Enums.ComponentType.Library, plain ?? name, {
    version,
    bomRef: idOf({ name, version }),
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(group !== undefined && { group }),
  });
  component.licenses.add(licenses.makeFromString(license));
  return component;
}

/**
 * The bill of materials as JSON.
 * @param {object} subject
 * @param {string} subject.name
 * @param {string} subject.version
 * @param {Date} subject.time of the sources, so that a second build writes the same
 * @param {'application' | 'container'} subject.type
 * @param {readonly Component[]} components
 */
export function billText({ name, version, time, type }, components) {
  const bom = new Models.Bom();
  bom.metadata.timestamp = time;
  bom.metadata.lifecycles.add(
    new Models.NamedLifecycle('bundle', { description: 'Read from the modules of the bundles.' }),
  );
  bom.metadata.component = new Models.Component(
    type === 'container' ? Enums.ComponentType.Container : Enums.ComponentType.Application,
    name,
    { version, bomRef: idOf({ name, version }) },
  );
  bom.metadata.component.licenses.add(licenses.makeFromString('Apache-2.0'));
  for (const component of components) {
    bom.components.add(component);
    bom.metadata.component.dependencies.add(component.bomRef);
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

/** The faults of a bill by the schema of CycloneDX. @param {string} text */
export async function schemaFaults(text) {
  const fault = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text);
  return fault === null ? [] : [`the bill of materials is not valid: ${JSON.stringify(fault).slice(0, 500)}`];
}

/**
 * The modules whose package a bill does not list, as sentences; each package once.
 * @param {Bill} bill
 * @param {readonly string[]} ids
 */
export function unlisted({ components = [] }, ids) {
  const listed = new Set(
    components.map(({ group, name, version = '' }) => idOf({ name: group ? `${group}/${name}` : name, version })),
  );
  const faults = ids.flatMap((id) => {
    const folder = folderOf(id);
    if (folder === undefined) return [];
    const packageId = idOf(readPackage(folder));
    return listed.has(packageId) ? [] : [`the bill of materials does not list ${packageId}, which is in the bundles.`];
  });
  return [...new Set(faults)];
}

/** The packages whose licence is not among the allowed ones, or that have no text of it, as sentences. @param {readonly NpmPackage[]} packages */
export const licenseFaults = (packages) =>
  packages
    .filter(({ license }) => !isAllowed(license))
    .map(({ license, ...each }) => `${idOf(each)} has the licence ${license}.`);

/** @param {string} license */
function isAllowed(license) {
  try {
    return holds(parseExpression(license));
  } catch {
    return false;
  }
}

/** @param {import('spdx-expression-parse').Info} expression @returns {boolean} */
function holds(expression) {
  if ('license' in expression) return ALLOWED.has(expression.license);
  const parts = [holds(expression.left), holds(expression.right)];
  return expression.conjunction === 'or' ? parts.includes(true) : !parts.includes(false);
}

/** The notices, with each text once. @param {readonly NpmPackage[]} packages */
export function noticesText(packages) {
  const line = '='.repeat(80);
  /** @type {Map<string, string[]>} */
  const byText = new Map();
  for (const each of packages) {
    const text =
      each.texts.join(`\n\n${'-'.repeat(80)}\n\n`) ||
      `The package has no file with its licence. Its manifest names: ${each.license}.`;
    byText.set(text, [...(byText.get(text) ?? []), `${idOf(each)} (${each.license})`]);
  }
  const parts = [...byText].map(([text, names]) => `${line}\n${names.join('\n')}\n${line}\n\n${text}\n`);
  return `Third-party software in the package errand, with its licences. bill-of-materials.json lists the same packages.\n\n${parts.join('\n')}`;
}
