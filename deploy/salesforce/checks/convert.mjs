// Converts the project with Salesforce's own command line, offline, as a deployment does first: each part by itself, with
// the values that the guide has an admin set. Nothing may be left out, and no placeholder may be left in.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { filesBelow } from './files.mjs';

const ROOT = path.resolve(import.meta.dirname, '..');
const SF = path.join(ROOT, 'node_modules', '@salesforce', 'cli', 'bin', 'run.js');
const project = JSON.parse(readFileSync(path.join(ROOT, 'sfdx-project.json'), 'utf8'));
const out = mkdtempSync(path.join(tmpdir(), 'rekindle-sf-'));
const values = {
  REKINDLE_BASE_URL: 'https://rekindle.acme.example',
  SALESFORCE_CONTACT_EMAIL: 'ann@acme.example',
  SALESFORCE_INTEGRATION_USER: 'rekindle@acme.example',
  SALESFORCE_WEBHOOK_URL: 'https://rekindle.acme.example/webhooks/salesforce/acme/token',
};
const environment = {
  ...process.env,
  ...values,
  HOME: out,
  SF_APPLY_REPLACEMENTS_ON_CONVERT: 'true',
  SF_AUTOUPDATE_DISABLE: 'true',
  SF_DISABLE_TELEMETRY: 'true',
  SF_SKIP_NEW_VERSION_CHECK: 'true',
};

const faults = [];
try {
  for (const { path: part } of project.packageDirectories) {
    const target = path.join(out, part);
    const command = ['project', 'convert', 'source', '--root-dir', part, '--output-dir', target, '--json'];
    const { result, warnings } = JSON.parse(
      execFileSync(process.execPath, [SF, ...command], { cwd: ROOT, env: environment, encoding: 'utf8' }),
    );
    const manifest = readFileSync(path.join(result.location, 'package.xml'), 'utf8');
    const members = [...manifest.matchAll(/<members>([^<]+)<\/members>/g)].length;
    const sources = filesBelow(ROOT, part).length;
    if (!manifest.includes(`<version>${project.sourceApiVersion}</version>`)) faults.push(`${part}: another API version`);
    // A workflow file and the message in it are two members.
    if (members < sources) faults.push(`${part}: ${sources} files, and only ${members} of them in the manifest`);
    faults.push(...(warnings ?? []).map((one) => `${part}: ${one}`));
    for (const file of filesBelow(out, part)) {
      if (readFileSync(path.join(out, file), 'utf8').includes('.invalid')) faults.push(`${file}: holds a placeholder`);
    }
    console.log(`${part}: ${sources} files, ${members} members`);
  }
} finally {
  rmSync(out, { recursive: true, force: true });
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length ? 1 : 0;
