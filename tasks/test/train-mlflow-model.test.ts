import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type MlflowModelDescription, writeMlflowModel } from '../train/mlflow-model.js';

const description: MlflowModelDescription = {
  modelId: 'm-12e45678901234567890123456789012',
  runId: '12345678901234567890123456789e12',
  maxLength: 48,
  inputExample: ['배우 연기가 좋다', '지루했다'],
  createdAt: new Date('2026-03-04T05:06:07.089Z'),
};

describe('writeMlflowModel', () => {
  let folder: string;
  let huggingFace: string;
  let model: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ml4-mlflow-model-'));
    huggingFace = await mkdtemp(join(folder, 'hf-'));
    model = join(folder, 'model');
    for (const file of [
      'config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
      'vocab.txt',
    ]) {
      await writeFile(join(huggingFace, file), `content of ${file}`);
    }
    await writeFile(
      join(huggingFace, 'config.json'),
      JSON.stringify({ architectures: ['ElectraForSequenceClassification'] }),
    );
    await writeFile(
      join(huggingFace, 'tokenizer_config.json'),
      JSON.stringify({ tokenizer_class: 'BertTokenizer', model_max_length: 300 }),
    );
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('writes a Hugging Face folder and the tokenizer where MLflow looks for it', async () => {
    await writeMlflowModel(model, huggingFace, description);
    expect((await readdir(model, { recursive: true })).sort()).toEqual([
      'MLmodel',
      'components',
      'components/tokenizer',
      'components/tokenizer/tokenizer.json',
      'components/tokenizer/tokenizer_config.json',
      'components/tokenizer/vocab.txt',
      'conda.yaml',
      'input_example.json',
      'model',
      'model/config.json',
      'model/model.safetensors',
      'model/tokenizer.json',
      'model/tokenizer_config.json',
      'model/vocab.txt',
      'python_env.yaml',
      'requirements.txt',
      'serving_input_example.json',
    ]);
    expect(await readFile(join(model, 'model/model.safetensors'), 'utf8')).toBe(
      'content of model.safetensors',
    );
    expect(await readFile(join(model, 'components/tokenizer/vocab.txt'), 'utf8')).toBe(
      'content of vocab.txt',
    );
  });

  it('describes a text classifier that cuts long texts as in training', async () => {
    await writeMlflowModel(model, huggingFace, description);
    const mlmodel = parse(await readFile(join(model, 'MLmodel'), 'utf8'), { version: '1.1' });
    expect(mlmodel).toMatchObject({
      model_id: description.modelId,
      run_id: description.runId,
      utc_time_created: '2026-03-04 05:06:07.089',
      flavors: {
        python_function: {
          loader_module: 'mlflow.transformers',
          config: { truncation: true, max_length: 48 },
        },
        transformers: {
          model_binary: 'model',
          components: ['tokenizer'],
          pipeline_model_type: 'ElectraForSequenceClassification',
          tokenizer_type: 'BertTokenizer',
        },
      },
    });
    for (const folder of ['model', 'components/tokenizer']) {
      const config = await readFile(join(model, folder, 'tokenizer_config.json'), 'utf8');
      expect(JSON.parse(config)).toEqual({
        tokenizer_class: 'BertTokenizer',
        model_max_length: 48,
      });
    }
    expect(JSON.parse(await readFile(join(model, 'serving_input_example.json'), 'utf8'))).toEqual({
      inputs: description.inputExample,
    });
  });

  it('does without a vocab.txt, which only WordPiece has', async () => {
    await rm(join(huggingFace, 'vocab.txt'));
    await writeMlflowModel(model, huggingFace, description);
    expect(await readdir(join(model, 'components/tokenizer'))).toEqual([
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
  });

  it('writes ids and times that a YAML 1.1 reader, such as Python, takes for strings', async () => {
    await writeMlflowModel(model, huggingFace, { ...description, runId: '123456789012e5' });
    const mlmodel = parse(await readFile(join(model, 'MLmodel'), 'utf8'), { version: '1.1' });
    expect(mlmodel.run_id).toBe('123456789012e5');
    expect(mlmodel.utc_time_created).toBeTypeOf('string');
  });

  it('replaces an older model', async () => {
    await writeMlflowModel(model, huggingFace, description);
    await writeFile(join(model, 'left-over'), '');
    await writeMlflowModel(model, huggingFace, description);
    expect(await readdir(model)).not.toContain('left-over');
  });

  it('leaves an older model as it was where a file is missing', async () => {
    await writeMlflowModel(model, huggingFace, description);
    const before = await readFile(join(model, 'MLmodel'), 'utf8');
    await rm(join(huggingFace, 'config.json'));
    const other = { ...description, maxLength: 7 };
    await expect(writeMlflowModel(model, huggingFace, other)).rejects.toThrow('config.json');
    expect(await readFile(join(model, 'MLmodel'), 'utf8')).toBe(before);
  });
});
