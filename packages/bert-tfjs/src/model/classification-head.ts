import type { BertConfig } from '../config.js';
import type { ModelType } from '../family.js';
import type { Tensor } from '../graph/graph.js';
import { activation, tanhActivation } from './activation.js';
import type { Differentiable, ForwardPass } from './differentiable.js';
import { dropout } from './dropout.js';
import { linear } from './linear.js';
import type { ClassificationHeadParameters } from './parameters.js';

/** Between the head's two layers. ELECTRA has GELU there whatever its `hidden_act`. */
const ACTIVATIONS: Record<ModelType, (x: Tensor) => Differentiable> = {
  bert: tanhActivation,
  electra: (x) => activation('gelu', x),
  roberta: tanhActivation,
  'xlm-roberta': tanhActivation,
};

/**
 * From a text's first token to its logits: [batch, hidden] → [batch, labels]. BERT's first layer
 * belongs to its encoder (the pooler), so nothing is dropped before it; the others' does not.
 */
export function classificationHead(
  pass: ForwardPass,
  first: Tensor,
  { dense, output }: ClassificationHeadParameters,
  { modelType, classifierDropout, hiddenDropoutProb }: BertConfig,
): Differentiable {
  const rate = classifierDropout ?? hiddenDropoutProb;
  const features = dropout(pass, first, modelType === 'bert' ? 0 : rate);
  const hidden = linear(pass, features.output, dense);
  const activated = ACTIVATIONS[modelType](hidden.output);
  const kept = dropout(pass, activated.output, rate);
  const classified = linear(pass, kept.output, output);
  return {
    output: classified.output,
    backward: (dy) =>
      features.backward(
        hidden.backward(activated.backward(kept.backward(classified.backward(dy)))),
      ),
  };
}
