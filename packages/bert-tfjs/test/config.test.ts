import { describe, expect, it } from 'vitest';
import { maxTokens, parseBertConfig, toHuggingFaceConfig } from '../src/config.js';
import { CheckpointError } from '../src/errors.js';

function refusalOf(json: unknown): CheckpointError {
  try {
    parseBertConfig(json, 'some/config.json');
  } catch (error) {
    expect(error).toBeInstanceOf(CheckpointError);
    return error as CheckpointError;
  }
  throw new Error('was not refused');
}

describe('parseBertConfig', () => {
  it("fills in what transformers' BertConfig has by default", () => {
    expect(parseBertConfig({ model_type: 'bert' }, 'config.json')).toEqual({
      modelType: 'bert',
      vocabSize: 30522,
      embeddingSize: 768,
      hiddenSize: 768,
      numHiddenLayers: 12,
      numAttentionHeads: 12,
      intermediateSize: 3072,
      hiddenAct: 'gelu',
      hiddenDropoutProb: 0.1,
      attentionProbsDropoutProb: 0.1,
      classifierDropout: null,
      maxPositionEmbeddings: 512,
      typeVocabSize: 2,
      layerNormEps: 1e-12,
      initializerRange: 0.02,
      padTokenId: 0,
      labels: ['LABEL_0', 'LABEL_1'],
    });
  });

  it.each([
    [{ model_type: 'electra' }, { embeddingSize: 128, hiddenSize: 256, numAttentionHeads: 4 }],
    [{ model_type: 'roberta' }, { vocabSize: 50265, embeddingSize: 768, padTokenId: 1 }],
    [{ model_type: 'xlm-roberta' }, { vocabSize: 30522, padTokenId: 1 }],
    [{ architectures: ['ElectraForPreTraining'] }, { modelType: 'electra' }],
    [{ architectures: ['XLMRobertaModel'] }, { modelType: 'xlm-roberta' }],
    [{ model_type: 'bert', hidden_size: 96, embedding_size: 7 }, { embeddingSize: 96 }],
  ])('knows the families, and what each has by default: %j', (json, expected) => {
    expect(parseBertConfig(json, 'config.json')).toMatchObject(expected);
  });

  it("counts RoBERTa's positions from the one after its padding's", () => {
    const positions = { max_position_embeddings: 514, pad_token_id: 1 };
    const tokens = (model_type: string) =>
      maxTokens(parseBertConfig({ model_type, ...positions }, 'config.json'));
    expect(['bert', 'electra', 'roberta', 'xlm-roberta'].map(tokens)).toEqual([514, 514, 512, 512]);
  });

  it.each([
    ['bert', 'BertForSequenceClassification'],
    ['electra', 'ElectraForSequenceClassification'],
    ['roberta', 'RobertaForSequenceClassification'],
    ['xlm-roberta', 'XLMRobertaForSequenceClassification'],
  ])('writes %s as %s', (model_type, architecture) => {
    const config = parseBertConfig({ model_type }, 'config.json');
    const json = toHuggingFaceConfig(config);
    expect(json).toMatchObject({ model_type, architectures: [architecture] });
    expect(parseBertConfig(json, 'config.json')).toEqual(config);
  });

  it('reads back what toHuggingFaceConfig writes', () => {
    const config = {
      ...parseBertConfig({}, 'config.json'),
      embeddingSize: 64,
      hiddenSize: 64,
      numAttentionHeads: 4,
      hiddenAct: 'gelu_new' as const,
      classifierDropout: 0.3,
      labels: ['부정', '중립', '긍정'],
    };
    expect(parseBertConfig(toHuggingFaceConfig(config), 'config.json')).toEqual(config);
  });

  it.each([
    [
      { model_type: 'deberta-v2', architectures: ['DebertaV2ForMaskedLM'] },
      'DebertaV2ForMaskedLM, deberta-v2',
    ],
    [{ model_type: 'distilbert' }, 'the architecture is distilbert'],
    [{ model_type: 'electra', architectures: ['ElectraForMaskedLM'] }, 'the generator'],
    [{ architectures: ['BertLMHeadModel'] }, 'the architecture is BertLMHeadModel'],
    [{ architectures: ['GPT2LMHeadModel'] }, 'the architecture is GPT2LMHeadModel'],
  ])('refuses %j by the name of its architecture', (json, what) => {
    expect(refusalOf(json).what).toContain(what);
  });

  it.each([
    [[], 'is not a JSON object'],
    [{ hidden_size: '768' }, 'hidden_size is "768", not an integer from 1'],
    [{ num_hidden_layers: 0 }, 'num_hidden_layers is 0'],
    [{ num_hidden_layers: 1.5 }, 'num_hidden_layers is 1.5'],
    [{ hidden_size: 100 }, 'hidden_size 100 is not a multiple of num_attention_heads 12'],
    [{ hidden_dropout_prob: 1 }, 'hidden_dropout_prob is 1, not a number from 0 to below 1'],
    [{ layer_norm_eps: 0 }, 'layer_norm_eps is 0, not a positive number'],
    [{ hidden_act: 'swiglu' }, 'hidden_act is "swiglu", not one of gelu'],
    [{ pad_token_id: 40000 }, 'pad_token_id 40000 is outside the vocabulary of 30522'],
    [{ model_type: 'roberta', max_position_embeddings: 2 }, 'leaves no position'],
    [{ is_decoder: true }, 'is_decoder is true'],
    [{ position_embedding_type: 'relative_key' }, 'position_embedding_type "relative_key"'],
    [{ problem_type: 'regression' }, 'problem_type "regression"'],
    [{ id2label: { 1: 'a', 2: 'b' } }, 'id2label does not map 0, 1, 2'],
    [{ id2label: {} }, 'id2label does not map'],
    [{ id2label: { 0: 'a', 1: 'a' } }, 'id2label names a label twice'],
  ])('refuses %j, naming the file and the key', (json, what) => {
    const refusal = refusalOf(json);
    expect(refusal.what).toContain(what);
    expect(refusal.message).toMatch(/^some\/config\.json: /);
  });
});
