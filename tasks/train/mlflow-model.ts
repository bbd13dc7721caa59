import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** The Python packages with which MLflow loads and serves the model; the e2e test reads with these. */
const PYTHON = { python: '3.11', mlflow: '3.17.2', transformers: '5.23.0', torch: '2.13.0' };

/** A tokenizer that is no WordPiece has no `vocab.txt`. */
const TOKENIZER_FILES = ['tokenizer.json', 'tokenizer_config.json', 'vocab.txt'];

/** What an MLflow model says of itself beside its files. */
export interface MlflowModelDescription {
  /** The logged model, `m-<32 hex digits>`. */
  modelId: string;
  /** The run that made it. */
  runId: string;
  /** Every reader cuts longer texts to this many tokens, [CLS] and [SEP] included. */
  maxLength: number;
  /** A few texts that the model is made for. */
  inputExample: readonly string[];
  createdAt: Date;
}

/**
 * Writes a text classifier as an MLflow model that Python's `mlflow.pyfunc.load_model`,
 * `mlflow.transformers.load_model` and `mlflow models serve` read. Its `model` folder is a complete
 * Hugging Face folder, tokenizer included; MLflow looks for the tokenizer in `components/tokenizer`,
 * so it lies there again. An older folder of the same name is replaced, whole or not at all.
 *
 * Source: https://mlflow.org/docs/latest/ml/model (MLmodel format, transformers flavor)
 *
 * @param directory the MLflow model to write
 * @param huggingFace folder with config.json, model.safetensors and the tokenizer's files
 */
export async function writeMlflowModel(
  directory: string,
  huggingFace: string,
  description: MlflowModelDescription,
): Promise<void> {
  const partial = `${directory}.partial`;
  await rm(partial, { recursive: true, force: true });
  const modelFiles = await readdir(huggingFace);
  const tokenizerFiles = TOKENIZER_FILES.filter((file) => modelFiles.includes(file));
  const classes = await classesOf(huggingFace);
  const copies = [
    ...modelFiles.map((file) => ({ file, folder: 'model' })),
    ...tokenizerFiles.map((file) => ({ file, folder: 'components/tokenizer' })),
  ];
  let bytes = 0;
  for (const { file, folder } of copies) {
    await mkdir(join(partial, folder), { recursive: true });
    await copyFile(
      join(huggingFace, file),
      join(partial, folder, file),
      constants.COPYFILE_FICLONE,
    );
    bytes += (await stat(join(partial, folder, file))).size;
  }
  for (const folder of ['model', 'components/tokenizer']) {
    await setMaxLength(join(partial, folder, 'tokenizer_config.json'), description.maxLength);
  }
  for (const [file, content] of Object.entries(describe(description, classes, bytes))) {
    await writeFile(join(partial, file), content);
  }
  await rm(directory, { recursive: true, force: true });
  await rename(partial, directory);
}

/**
 * The pretrained tokenizer knows the longest text that the model could take, not the length that it
 * was fine-tuned with. MLmodel says the latter; readers of the bare folder have to cut there too, or
 * they get other probabilities.
 */
async function setMaxLength(tokenizerConfig: string, maxLength: number): Promise<void> {
  const config: object = JSON.parse(await readFile(tokenizerConfig, 'utf8'));
  const changed = { ...config, model_max_length: maxLength };
  await writeFile(tokenizerConfig, `${JSON.stringify(changed, null, 2)}\n`);
}

/** The classes of transformers that the model and its tokenizer are. */
interface PythonClasses {
  model: string;
  tokenizer: string;
}

/** As the folder's own files name them. */
async function classesOf(huggingFace: string): Promise<PythonClasses> {
  const json = async (file: string) => JSON.parse(await readFile(join(huggingFace, file), 'utf8'));
  const { architectures }: { architectures: [string] } = await json('config.json');
  const { tokenizer_class }: { tokenizer_class: string } = await json('tokenizer_config.json');
  return { model: architectures[0], tokenizer: tokenizer_class };
}

/** The descriptive files of the model, by name. */
function describe(
  description: MlflowModelDescription,
  classes: PythonClasses,
  bytes: number,
): Record<string, string> {
  const { python, ...packages } = PYTHON;
  const requirements = Object.entries(packages).map(([name, version]) => `${name}==${version}`);
  // 1.1 is what PyYAML reads: it takes an unquoted time, or a run id such as 12e45, for no string.
  const yaml = (value: unknown) => stringify(value, { version: '1.1', lineWidth: 0 });
  return {
    MLmodel: yaml(mlmodel(description, classes, bytes)),
    'requirements.txt': `${requirements.join('\n')}\n`,
    'python_env.yaml': yaml({
      python,
      build_dependencies: ['pip', 'setuptools', 'wheel'],
      dependencies: ['-r requirements.txt'],
    }),
    'conda.yaml': yaml({
      name: 'mlflow-env',
      channels: ['conda-forge'],
      dependencies: [`python=${python}`, 'pip', { pip: requirements }],
    }),
    'input_example.json': JSON.stringify(description.inputExample),
    'serving_input_example.json': JSON.stringify({ inputs: description.inputExample }, null, 2),
  };
}

function mlmodel(
  { modelId, runId, maxLength, createdAt }: MlflowModelDescription,
  classes: PythonClasses,
  bytes: number,
) {
  return {
    flavors: {
      python_function: {
        // Arguments of the transformers pipeline: without them a long text is an error in Python.
        config: { truncation: true, max_length: maxLength },
        env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
        loader_module: 'mlflow.transformers',
        python_version: PYTHON.python,
      },
      transformers: {
        components: ['tokenizer'],
        instance_type: 'TextClassificationPipeline',
        model_binary: 'model',
        pipeline_model_type: classes.model,
        task: 'text-classification',
        tokenizer_type: classes.tokenizer,
        torch_dtype: 'torch.float32',
        transformers_version: PYTHON.transformers,
      },
    },
    mlflow_version: PYTHON.mlflow,
    model_id: modelId,
    model_size_bytes: bytes,
    model_uuid: modelId.replace(/^m-/, ''),
    run_id: runId,
    saved_input_example_info: {
      artifact_path: 'input_example.json',
      serving_input_path: 'serving_input_example.json',
      type: 'json_object',
    },
    signature: {
      inputs: JSON.stringify([{ type: 'string', required: true }]),
      outputs: JSON.stringify([
        { type: 'string', name: 'label', required: true },
        { type: 'double', name: 'score', required: true },
      ]),
      params: null,
    },
    utc_time_created: createdAt.toISOString().replace('T', ' ').replace('Z', ''),
  };
}
