import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadPretrained } from '../src/checkpoint/load-pretrained.js';
import { writeSafetensors } from '../src/checkpoint/safetensors.js';
import { type StateDict, sizeOf } from '../src/checkpoint/state-dict.js';
import { weightShapes } from '../src/checkpoint/weight-shapes.js';
import { parseBertConfig } from '../src/config.js';
import { CheckpointError } from '../src/errors.js';
import { fixture, temporaryFolder } from './checkpoint-support.js';

const VOCABULARY = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', '좋', '##다'];
const CONFIG = {
  model_type: 'bert',
  architectures: ['BertForSequenceClassification'],
  vocab_size: 7,
  hidden_size: 4,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 8,
  max_position_embeddings: 6,
};

const root = await temporaryFolder();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(root, 'model-'));
  await write('config.json', CONFIG);
  await write('vocab.txt', `${VOCABULARY.join('\n')}\n`);
  await write('tokenizer_config.json', { do_lower_case: false });
});

const write = (name: string, content: object | string) =>
  writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));

const writeWeights = (weights: StateDict, name = 'model.safetensors') =>
  writeSafetensors(join(folder, name), weights);

const tensor = (shape: number[], value = 0) => ({
  shape,
  data: new Float32Array(sizeOf(shape)).fill(value),
});

/** All weights of the classifier, each filled with a number of its own. */
function allWeights(config: object = CONFIG): StateDict {
  const shapes = [...weightShapes(parseBertConfig(config, 'config.json'))];
  return new Map(shapes.map(([name, shape], index) => [name, tensor(shape, index)]));
}

function renamed(weights: StateDict, rename: (name: string) => string): StateDict {
  return new Map([...weights].map(([name, value]) => [rename(name), value]));
}

async function refusal(): Promise<CheckpointError> {
  const error: unknown = await loadPretrained(folder).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(CheckpointError);
  return error as CheckpointError;
}

describe('loadPretrained', () => {
  it('reads config, weights and tokenizer of a fine-tuned model', async () => {
    await writeWeights(allWeights());
    const { config, weights, missing, tokenizer } = await loadPretrained(folder);
    expect(config).toMatchObject({ hiddenSize: 4, labels: ['LABEL_0', 'LABEL_1'] });
    expect(weights).toEqual(allWeights());
    expect(missing).toEqual([]);
    expect([...tokenizer.encode('좋다', 6)]).toEqual([2, 5, 6, 3]);
  });

  it('gives null for the weights of a folder that has none: to train from scratch', async () => {
    const { weights, missing } = await loadPretrained(folder);
    expect(weights).toBeNull();
    expect(missing).toEqual([...allWeights().keys()]);
  });

  it('drops the heads of pretraining and tells which weights a classifier still needs', async () => {
    const weights = allWeights();
    const headless = [
      'bert.pooler.dense.weight',
      'bert.pooler.dense.bias',
      'classifier.weight',
      'classifier.bias',
    ];
    for (const name of headless) weights.delete(name);
    const pretrained = new Map(weights)
      .set('cls.predictions.bias', tensor([7]))
      .set('cls.predictions.decoder.weight', tensor([7, 4]))
      .set('cls.seq_relationship.weight', tensor([2, 4]));
    await writeWeights(pretrained);
    const loaded = await loadPretrained(folder);
    expect(loaded.weights).toEqual(weights);
    expect(loaded.missing).toEqual(headless);
  });

  it.each([
    ['without the prefix bert.', (name: string) => name.replace(/^bert\./, '')],
    [
      'with gamma and beta in layer normalization',
      (name: string) =>
        name
          .replace(/LayerNorm.weight$/, 'LayerNorm.gamma')
          .replace(/LayerNorm.bias$/, 'LayerNorm.beta'),
    ],
  ])('reads names %s', async (_, rename) => {
    await writeWeights(renamed(allWeights(), rename));
    expect((await loadPretrained(folder)).weights).toEqual(allWeights());
  });

  const electra = { ...CONFIG, model_type: 'electra', embedding_size: 2 };
  const roberta = { ...CONFIG, model_type: 'roberta', type_vocab_size: 1 };

  it.each([
    ['an ELECTRA', electra, 'ElectraForPreTraining', 'discriminator_predictions.dense.weight'],
    ['a RoBERTa', roberta, 'RobertaForMaskedLM', 'lm_head.dense.weight'],
    ['a RoBERTa with a pooler', roberta, 'RobertaModel', 'roberta.pooler.dense.weight'],
  ])(
    'reads the encoder of %s, with and without its prefix',
    async (_, config, architecture, head) => {
      await write('config.json', { ...config, architectures: [architecture] });
      const weights = allWeights(config);
      const headless = [...weights.keys()].filter((name) => name.startsWith('classifier.'));
      expect(headless).toHaveLength(4);
      for (const name of headless) weights.delete(name);
      await writeWeights(new Map(weights).set(head, tensor([4, 4])));
      expect(await loadPretrained(folder)).toMatchObject({ weights, missing: headless });
      await writeWeights(renamed(weights, (name) => name.replace(/^(electra|roberta)\./, '')));
      expect((await loadPretrained(folder)).weights).toEqual(weights);
    },
  );

  it("does not take another task's classifier for one of texts", async () => {
    await write('config.json', { ...CONFIG, architectures: ['BertForTokenClassification'] });
    await writeWeights(allWeights());
    const { weights, missing } = await loadPretrained(folder);
    expect(missing).toEqual(['classifier.weight', 'classifier.bias']);
    expect(weights?.has('bert.pooler.dense.weight')).toBe(true);
  });

  it.each([
    [64, 'a multiple of 64'],
    [128, 'a multiple of 128'],
  ])('takes embeddings of %i rows, padded to %s', async (rows) => {
    const config = { ...CONFIG, vocab_size: rows };
    await write('config.json', config);
    await writeWeights(allWeights(config));
    const loaded = await loadPretrained(folder);
    expect(loaded.tokenizer.vocabSize).toBe(7);
    expect(loaded.weights).toEqual(allWeights(config));
  });

  it('reads shards by their index', async () => {
    const weights = [...allWeights()];
    await writeWeights(new Map(weights.slice(0, 9)), 'model-00001-of-00002.safetensors');
    await writeWeights(new Map(weights.slice(9)), 'model-00002-of-00002.safetensors');
    await write('model.safetensors.index.json', {
      weight_map: Object.fromEntries(
        weights.map(([name], i) => [name, `model-0000${i < 9 ? 1 : 2}-of-00002.safetensors`]),
      ),
    });
    expect((await loadPretrained(folder)).weights).toEqual(allWeights());
  });

  it('prefers model.safetensors to pytorch_model.bin', async () => {
    await copyFile(fixture('zip.bin'), join(folder, 'pytorch_model.bin'));
    expect((await refusal()).file).toBe(join(folder, 'pytorch_model.bin'));
    await writeWeights(allWeights());
    expect((await loadPretrained(folder)).weights).toEqual(allWeights());
  });
});

describe('a folder whose parts do not fit is refused, naming file, tensor and both shapes', () => {
  const embeddings = 'bert.embeddings.word_embeddings.weight';

  it('weights of another vocabulary size', async () => {
    await writeWeights(allWeights().set(embeddings, tensor([8, 4])));
    const { file, what } = await refusal();
    expect(file).toBe(join(folder, 'model.safetensors'));
    expect(what).toBe(`tensor ${embeddings} has the shape [8,4], but config.json makes it [7,4]`);
  });

  it('a vocabulary of another size', async () => {
    await write('vocab.txt', `${VOCABULARY.slice(0, -1).join('\n')}\n`);
    expect((await refusal()).what).toContain('has 6 tokens, but vocab_size in config.json is 7');
    await write('config.json', { ...CONFIG, vocab_size: 192 });
    expect((await refusal()).what).toContain('has 6 tokens, but vocab_size in config.json is 192');
  });

  it('fewer layers, and more', async () => {
    await writeWeights(allWeights());
    await write('config.json', { ...CONFIG, num_hidden_layers: 2 });
    expect((await refusal()).what).toContain('has no tensor bert.encoder.layer.1.');
    await write('config.json', CONFIG);
    await writeWeights(
      renamed(allWeights(), (name) => name).set(
        'bert.encoder.layer.1.output.dense.bias',
        tensor([4]),
      ),
    );
    expect((await refusal()).what).toContain('has tensors bert.encoder.layer.1.');
  });

  it('another number of labels', async () => {
    await writeWeights(allWeights());
    await write('config.json', { ...CONFIG, id2label: { 0: 'a', 1: 'b', 2: 'c' } });
    expect((await refusal()).what).toContain('tensor classifier.weight has the shape [2,4]');
  });
});

describe('a folder that is no BERT model is refused', () => {
  it('without config.json, or with a damaged one', async () => {
    await write('config.json', '{"model_type": "bert"');
    expect((await refusal()).message).toContain('config.json: is not a JSON object');
    await rm(join(folder, 'config.json'));
    expect((await refusal()).message).toContain('config.json: there is no such file');
  });

  it('with another architecture, by its name', async () => {
    await write('config.json', { ...CONFIG, model_type: 'albert', architectures: undefined });
    expect((await refusal()).what).toBe('the architecture is albert, not BERT, ELECTRA or RoBERTa');
  });

  it("with weights in another framework's format alone", async () => {
    await write('tf_model.h5', '');
    const { file, fix } = await refusal();
    expect(file).toBe(join(folder, 'tf_model.h5'));
    expect(fix).toContain('Convert it');
  });

  it.each([[{}], [{ weight_map: {} }], [{ weight_map: { a: '../other.safetensors' } }]])(
    'with the shard index %j',
    async (index) => {
      await write('model.safetensors.index.json', index);
      expect((await refusal()).what).toContain('weight_map does not map');
    },
  );

  it('with a shard that is not there', async () => {
    await write('model.safetensors.index.json', { weight_map: { a: 'model-1.safetensors' } });
    expect((await refusal()).file).toBe(join(folder, 'model-1.safetensors'));
  });
});
