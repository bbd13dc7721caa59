import { describe, expect, it } from 'vitest';
import { checkGate } from '../src/index.js';

describe('the gate', () => {
  it('passes a model at the threshold', () => {
    expect(checkGate({ accuracy: 0.8, threshold: 0.8 })).toEqual({
      passed: true,
      reason: 'Accuracy 0.8000 reaches the threshold 0.8000.',
    });
  });

  it('does not pass a model below it, and does not round it up in words', () => {
    expect(checkGate({ accuracy: 0.79999, threshold: 0.8 })).toEqual({
      passed: false,
      reason: 'Accuracy 0.7999 is below the threshold 0.8000.',
    });
  });

  it('does not pass a model whose accuracy is not a number', () => {
    expect(checkGate({ accuracy: Number.NaN, threshold: 0 }).passed).toBe(false);
  });
});
