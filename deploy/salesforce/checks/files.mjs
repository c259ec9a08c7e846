import { readdirSync } from 'node:fs';
import path from 'node:path';

/** Every file below a folder of `root`, by its path from `root`, in order. */
export function filesBelow(root, folder) {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => path.relative(root, path.join(one.parentPath, one.name)))
    .sort();
}
