// Holds every metadata file against the types that Salesforce generates from the Metadata API's WSDL: each element has
// to be one that its parent knows, with a value it allows, and nothing required may be missing.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { XMLParser } from 'fast-xml-parser';
import ts from 'typescript';
import { filesBelow } from './files.mjs';

const ROOT = path.resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
// Folders have a type of their own in the WSDL, whatever they hold.
const ALIASES = { ReportFolder: 'Folder' };

const wsdl = path.join(path.dirname(require.resolve('@salesforce/types/metadata')), 'metadata.d.ts');
const program = ts.createProgram([wsdl], { noLib: false });
const checker = program.getTypeChecker();
const exported = new Map(
  checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(wsdl))).map((one) => [one.name, one]),
);

function faultsOf(value, type, where) {
  if (type.isUnion() && type.types.every((one) => one.isStringLiteral())) {
    return type.types.some((one) => one.value === value) ? [] : [`${where}: ${value} is no value of it`];
  }
  if (checker.typeToString(type) === 'boolean') {
    return ['true', 'false'].includes(value) ? [] : [`${where}: ${value} is not true or false`];
  }
  if (type.flags & ts.TypeFlags.NumberLike) {
    return value !== '' && Number.isFinite(Number(value)) ? [] : [`${where}: ${value} is no number`];
  }
  if (type.flags & ts.TypeFlags.String) {
    return typeof value === 'string' ? [] : [`${where}: has elements, and should have words`];
  }
  return typeof value === 'object' ? elementFaults(value, type, where) : [`${where}: should have elements`];
}

// A type without elements of its own (WorkflowAction) comes out as `string`, and so do those that extend it, as
// `string & {...}`. What such a type loses is the one element that all metadata has, its name.
const LOST = new Set(['fullName']);

function propertiesOf(type) {
  const own = type.isIntersection() ? type.types.filter((one) => !(one.flags & ts.TypeFlags.StringLike)) : [type];
  return new Map(own.flatMap((one) => checker.getPropertiesOfType(one)).map((one) => [one.name, one]));
}

function elementFaults(elements, type, where) {
  const known = propertiesOf(type);
  const isBaseLost = type.isIntersection() && type.types.some((one) => one.flags & ts.TypeFlags.StringLike);
  const found = Object.entries(elements).flatMap(([name, values]) => {
    const property = known.get(name);
    if (isBaseLost && LOST.has(name)) return [];
    if (!property) return [`${where}: ${name} is not known there`];
    const whole = checker.getNonNullableType(checker.getTypeOfSymbol(property));
    const isMany = checker.isArrayType(whole);
    if (!isMany && values.length > 1) return [`${where}: ${name} stands there ${values.length} times`];
    const inner = isMany ? checker.getTypeArguments(whole)[0] : whole;
    return values.flatMap((value) => faultsOf(value, inner, `${where}/${name}`));
  });
  const missing = [...known.values()]
    .filter((one) => !(one.flags & ts.SymbolFlags.Optional) && !(one.name in elements))
    .filter((one) => !checker.isArrayType(checker.getTypeOfSymbol(one)))
    .map((one) => `${where}: ${one.name} is missing`);
  return [...found, ...missing];
}

const parser = new XMLParser({ parseTagValue: false, isArray: (_name, jpath) => jpath.includes('.') });
const project = JSON.parse(readFileSync(path.join(ROOT, 'sfdx-project.json'), 'utf8'));
const files = project.packageDirectories.flatMap((part) => filesBelow(ROOT, part.path));
const faults = files.flatMap((file) => {
  const { '?xml': _declaration, ...document } = parser.parse(readFileSync(path.join(ROOT, file)));
  const [[name, elements]] = Object.entries(document);
  const symbol = exported.get(ALIASES[name] ?? name);
  if (!symbol) return [`${file}: ${name} is no type of metadata`];
  return faultsOf(elements, checker.getDeclaredTypeOfSymbol(symbol), `${file}: ${name}`);
});

const schema = JSON.parse(readFileSync(require.resolve('@salesforce/schemas/sfdx-project.schema.json'), 'utf8'));
const isProject = new Ajv({ strict: false, allowUnionTypes: true }).compile(schema);
if (!isProject(project)) {
  faults.push(...isProject.errors.map((one) => `sfdx-project.json${one.instancePath}: ${one.message}`));
}

if (files.length === 0) faults.push('there is no metadata');
for (const fault of faults) console.error(fault);
console.log(`${files.length} files held against the Metadata API's types: ${faults.length} faults`);
process.exitCode = faults.length ? 1 : 0;
