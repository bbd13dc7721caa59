// @ts-check
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../problem.js';
import { installed, root } from '../project.js';
import { libtensorflowFolder } from './libtensorflow.js';

/**
 * Says what the first set-up takes.
 *
 * @param {'cpu' | 'gpu'} variant
 * @throws {Problem} when the disk has no room for it
 */
export async function announceDiskUse(variant) {
  /** Folders and their MB: of download, and of disk at the most. @type {[string, number, number][]} */
  const parts = [
    [join(root, 'node_modules'), 90, 450],
    [join(installed, 'mlflow'), 220, 900],
    [libtensorflowFolder(variant), variant === 'cpu' ? 270 : 3300, variant === 'cpu' ? 1500 : 6500],
  ];
  const missing = parts.filter(([folder]) => !existsSync(folder));
  if (missing.length === 0) return;
  const download = missing.reduce((sum, [, megabytes]) => sum + megabytes, 0);
  const needed = missing.reduce((sum, [, , megabytes]) => sum + megabytes, 0);
  const { bavail, bsize } = await statfs(root);
  const free = Math.floor((bavail * bsize) / 1e6);
  if (free < needed) {
    throw new Problem(`The set-up needs ${needed} MB of disk in ${root}; ${free} MB are free.`, {
      fix: `Free ${needed - free} MB there, or move the project folder to a larger disk.`,
      exitCode: 2,
    });
  }
  console.log(`First set-up: downloads about ${download} MB, all of it into this folder.`);
}
