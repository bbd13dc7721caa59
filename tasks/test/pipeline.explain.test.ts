import { closeSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckpointError } from 'bert-tfjs';
import { MlflowClient } from 'mlflow-rest-ts';
import { describe, expect, it } from 'vitest';
import { sharedServer } from '../../packages/mlflow-rest-ts/test/server.js';
import { GateNotPassed, InputError, Interrupted } from '../pipeline/errors.js';
import { explainError } from '../pipeline/explain.js';
import { temporaryFolder } from './pipeline-support.js';

describe('what a person reads, and the exit code', () => {
  it('of bad input: where, what, what to do; 2', () => {
    const error = new InputError('No column review.', {
      where: 'a.tsv',
      fix: 'Set dataset.text_column.',
    });
    expect(explainError(error)).toEqual({
      message: 'a.tsv: No column review.\nSet dataset.text_column.',
      exitCode: 2,
    });
  });

  it('of a checkpoint that cannot be used: 2', () => {
    const error = new CheckpointError('model.safetensors', 'it is truncated', 'Fetch it again.');
    expect(explainError(error)).toEqual({
      message: 'model.safetensors: it is truncated. Fetch it again.',
      exitCode: 2,
    });
  });

  it('of the gate: 99, of Ctrl-C: 130, of SIGTERM: 143', () => {
    expect(explainError(new GateNotPassed('Too low.'))).toEqual({
      message: 'Too low.',
      exitCode: 99,
    });
    expect(explainError(new Interrupted('SIGINT')).exitCode).toBe(130);
    expect(explainError(new Interrupted('SIGTERM'))).toEqual({
      message: 'Stopped by SIGTERM. The same command goes on from here.',
      exitCode: 143,
    });
  });

  it('of a full disk: 1', () => {
    const error = thrownBy(() => {
      const full = openSync('/dev/full', 'w');
      try {
        writeSync(full, 'text');
      } finally {
        closeSync(full);
      }
    });
    expect(explainError(error)).toEqual({
      message:
        'No space left on the disk.\nMake room where tracking.volume lies (`ml4 doctor` shows it) and run the same command again.',
      exitCode: 1,
    });
  });

  it('of an answer of MLflow: what the server said; 1', async () => {
    const mlflow = new MlflowClient({ trackingUri: (await sharedServer()).uri });
    const error = await mlflow.runs.get({ runId: 'none' }).catch((thrown) => thrown);
    const { message, exitCode } = explainError(error);
    expect(message).toMatch(/^MLflow: .*RESOURCE_DOES_NOT_EXIST.*none/);
    expect(exitCode).toBe(1);
  });

  it('of a defect: its message and how to see where; 1', async () => {
    const error = thrownBy(() => JSON.parse('{'));
    expect(explainError(error)).toEqual({
      message: expect.stringMatching(/^Defect: .*JSON.*--debug/),
      exitCode: 1,
    });
    const folder = await temporaryFolder();
    const absent = await readFile(join(folder, 'none')).catch((thrown) => thrown);
    expect(explainError(absent).exitCode).toBe(1);
    expect(explainError('thrown text')).toEqual({ message: 'Defect: thrown text', exitCode: 1 });
  });
});

function thrownBy(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
}
