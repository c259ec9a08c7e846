// The project as HubSpot's own parser reads it. The schemas of each part are asked of an account, so they are not checked.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isKnownPlatformVersion, isLegacyProject, parseProjectConfig } from '@hubspot/project-parsing-lib/projects';
import { translate } from '@hubspot/project-parsing-lib/translate';
import { validateUid } from '@hubspot/project-parsing-lib/uid';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');
const SOURCE = path.join(ROOT, 'src');

const project = parseProjectConfig(ROOT);
const { intermediateRepresentation: parsed, skippedHsMetaFiles: skipped } = await translate(
  { projectSourceDir: SOURCE, platformVersion: project.platformVersion, accountId: 1 },
  { skipValidation: true, profile: 'production' },
);
const parts = Object.values(parsed.intermediateNodesIndexedByUid) as Array<{
  uid: string;
  componentType: string;
  config: Record<string, any>;
}>;
const part = (type: string) => {
  const found = parts.filter((one) => one.componentType === type);
  expect(found).toHaveLength(1);
  return found[0]!;
};

describe('the project', () => {
  it('is of a platform version that is supported', () => {
    expect(isKnownPlatformVersion(project.platformVersion)).toBe(true);
    expect(isLegacyProject(project.platformVersion)).toBe(false);
  });

  it('has an app with webhooks and a card, and nothing that is passed over', () => {
    expect(parts.map((one) => one.componentType).sort()).toEqual(['APPLICATION', 'CARD', 'WEBHOOKS']);
    expect(skipped).toEqual([]);
    expect(parts.map((one) => validateUid(one.uid)).filter(Boolean)).toEqual([]);
  });

  it('takes its address from the profile alone', () => {
    const { variables } = JSON.parse(readFileSync(path.join(SOURCE, 'hsprofile.production.json'), 'utf8'));

    expect(part('APPLICATION').config.permittedUrls.fetch).toEqual([variables.REKINDLE_URL]);
    expect(part('WEBHOOKS').config.settings.targetUrl).toBe(`${variables.REKINDLE_URL}/webhooks/hubspot`);
  });

  it('loads the card from a file that is there', () => {
    expect(existsSync(path.join(SOURCE, part('CARD').config.entrypoint))).toBe(true);
  });

  it('ships the versions that were checked', () => {
    const read = (name: string) => JSON.parse(readFileSync(path.join(ROOT, name), 'utf8'));
    const checked = read('package.json').devDependencies;

    for (const [name, version] of Object.entries(read('src/app/cards/package.json').dependencies)) {
      expect(checked[name]).toBe(version);
    }
  });
});
