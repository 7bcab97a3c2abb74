// The bill of materials of the image: that of the package, with Node and the Debian packages.
import { execFileSync } from 'node:child_process';

/**
 * @param {object} parts
 * @param {string} parts.text the bill of the package
 * @param {string} parts.node the path of the binary
 * @param {readonly { name: string, version: string, architecture: string }[]} parts.debian
 */
export function imageBillText({ text, node, debian }) {
  const bill = JSON.parse(text);
  const added = [nodeComponent(node), ...debian.map(debianComponent)];
  bill.metadata.component.type = 'container';
  bill.components = [...added, ...bill.components];
  const root = bill.metadata.component['bom-ref'];
  const own = bill.dependencies.find((/** @type {{ ref: string }} */ each) => each.ref === root);
  own.dependsOn = [...own.dependsOn, ...added.map((component) => component['bom-ref'])].sort();
  bill.dependencies.push(...added.map((component) => ({ ref: component['bom-ref'] })));
  return `${JSON.stringify(bill, null, 2)}\n`;
}

/** @param {string} binary */
function nodeComponent(binary) {
  const versions = JSON.parse(execFileSync(binary, ['-p', 'JSON.stringify(process.versions)'], { encoding: 'utf8' }));
  const { node: version, ...libraries } = versions;
  return {
    type: 'platform',
    name: 'node',
    version,
    'bom-ref': `node@${version}`,
    purl: `pkg:generic/node@${version}`,
    licenses: [{ license: { id: 'MIT' } }],
    components: Object.entries(libraries)
      .filter(([name]) => !/^(modules|napi|unicode|cldr|tz)$/.test(name))
      .map(([name, library]) => ({
        type: 'library',
        name,
        version: library,
        'bom-ref': `node@${version}/${name}@${library}`,
      })),
  };
}

/** @param {{ name: string, version: string, architecture: string }} debianPackage */
function debianComponent({ name, version, architecture }) {
  return {
    type: 'library',
    name,
    version,
    'bom-ref': `deb/${name}@${version}`,
    purl: `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}`,
    // Its licences are in this file of the image.
    licenses: [{ license: { name: `/usr/share/doc/${name}/copyright` } }],
  };
}
