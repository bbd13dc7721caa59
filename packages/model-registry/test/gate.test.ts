import { describe, expect, it } from 'vitest';
import { checkGate, compareJudgments } from '../src/index.js';
import { judgment } from './judgments.js';

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

describe('the gate against the champion', () => {
  const compared = compareJudgments(
    {
      contestant: { version: null, modelId: 'm-new', accuracy: 0.9 },
      judgment: judgment({ right: '1111111110'.repeat(50) }),
    },
    {
      contestant: { version: '7', modelId: 'm-old', accuracy: 1 },
      judgment: judgment({ right: '1111111111'.repeat(50) }),
    },
    { sideBySide: false },
  );
  const candidate = { accuracy: 0.9, threshold: 0.8, comparison: compared };

  it('does not pass a worse model where that is required, and says why', () => {
    const { passed, reason } = checkGate({ ...candidate, requirement: 'not worse' });
    expect(passed).toBe(false);
    expect(reason).toMatch(
      /^Accuracy 0\.9000 reaches the threshold 0\.8000\. But it must not be worse than version 7 in Production, and is worse\. The new model has -10\.00 points/,
    );
  });

  it('passes it where nothing is required but the threshold', () => {
    expect(checkGate(candidate).passed).toBe(true);
  });
});
