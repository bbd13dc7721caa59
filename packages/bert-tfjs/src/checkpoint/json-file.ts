import { readFile, stat } from 'node:fs/promises';
import { CheckpointError } from '../errors.js';
import { asCheckpointError } from './checkpoint-file.js';

export type JsonObject = Record<string, unknown>;

/**
 * The JSON object in a file, or undefined when there is no such file.
 *
 * @throws CheckpointError when the file cannot be read or does not hold a JSON object.
 */
export async function readJsonFile(path: string): Promise<JsonObject | undefined> {
  const bytes = await readIfPresent(path);
  if (bytes === undefined) return undefined;
  const value = parse(bytes);
  if (isJsonObject(value)) return value;
  throw new CheckpointError(path, 'is not a JSON object', 'The file is damaged: get it again.');
}

/** The bytes of a file, or undefined when there is none. */
export async function readIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw asCheckpointError(path, error);
  }
}

export async function fileExists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
