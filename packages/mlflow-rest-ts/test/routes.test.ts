import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { LEFT_OUT_AREAS, LEFT_OUT_METHODS, LEFT_OUT_ROUTES, PYTHON_HELPERS } from './left-out.js';
import { olderThan, python } from './python.js';
import { recordRoutes } from './recorder.js';

// `npx vitest run packages/mlflow-rest-ts/test/routes.test.ts -u` writes the table into the README.
const README = join(import.meta.dirname, '../README.md');

/** The names that Python's client has for our methods, where they are not made by the rule. */
const PYTHON_NAMES: Record<string, string> = {
  'experiments.getByName': 'get_experiment_by_name',
  'experiments.update': 'rename_experiment',
  'experiments.searchDatasets': '',
  'runs.logParameter': 'log_param',
  'runs.logModel': '',
  'metrics.getHistory': 'get_metric_history',
  'artifacts.list': 'list_artifacts',
  'registeredModels.getVersionByAlias': 'get_model_version_by_alias',
  'registeredModels.getLatestVersions': 'get_latest_versions',
  'registeredModels.setAlias': 'set_registered_model_alias',
  'registeredModels.deleteAlias': 'delete_registered_model_alias',
  'modelVersions.transitionStage': 'transition_model_version_stage',
  'modelVersions.getDownloadUri': 'get_model_version_download_uri',
  'loggedModels.logParams': 'log_model_params',
  'loggedModels.listArtifacts': 'list_logged_model_artifacts',
};

let ours: Map<string, string>;
let server: { routes: string[]; methods: string[] };

beforeAll(async () => {
  ours = await recordRoutes();
  server = JSON.parse(await python(join(import.meta.dirname, 'routes.py')));
});

/** By the rule `experiments.setTag` is `set_experiment_tag`; runs have no noun: `set_tag`. */
function pythonName(method: string): string {
  const named = PYTHON_NAMES[method];
  if (named !== undefined) return named;
  const [group = '', name = ''] = method.split('.');
  const [verb, ...object] = snake(name).split('_');
  const noun = group === 'runs' && object.length > 0 ? [] : [snake(group)];
  const plural = verb === 'search' ? noun : noun.map((word) => word.replace(/s$/, ''));
  return [verb, ...plural, ...object].join('_');
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function pattern(route: string): RegExp {
  const escaped = route.replace(/[.]/g, '\\.');
  return new RegExp(`^${escaped.replace(/<path:\w+>/g, '.+').replace(/<\w+>/g, '[^/]+')}$`);
}

function methodsFor(route: string): string[] {
  return [...ours].filter(([, ourRoute]) => pattern(route).test(ourRoute)).map(([name]) => name);
}

function isLeftOut(route: string): boolean {
  return route in LEFT_OUT_ROUTES || LEFT_OUT_AREAS.some(([area]) => area.test(route));
}

describe.skipIf(await olderThan('3.17'))('against the installed MLflow', () => {
  it('every route of the server is a method here, or is left out by name', () => {
    const missing = server.routes.filter((route) => methodsFor(route).length === 0);
    expect(missing.filter((route) => !isLeftOut(route))).toEqual([]);
  });

  it('every method here has a route of the server', () => {
    const patterns = server.routes.map(pattern);
    const unknown = [...ours].filter(([, route]) => !patterns.some((known) => known.test(route)));
    expect(unknown).toEqual([
      ['experiments.searchDatasets', 'POST /ajax-api/2.0/mlflow/experiments/search-datasets'],
    ]);
  });

  it("every method of Python's client is here, or is left out by name", () => {
    const known = new Set([...ours.keys()].map(pythonName));
    const missing = server.methods.filter(
      (name) => !known.has(name) && !(name in PYTHON_HELPERS) && !LEFT_OUT_METHODS.test(name),
    );
    expect(missing).toEqual([]);
  });

  it('the table in the README says so', async () => {
    const readme = await readFile(README, 'utf8');
    const marked = /(?<=<!-- routes -->\n)[\s\S]*(?=<!-- \/routes -->)/;
    expect(readme).toMatch(marked);
    await expect(readme.replace(marked, () => `\n${table()}\n`)).toMatchFileSnapshot(README);
  });
});

function table(): string {
  const rows = server.routes
    .filter((route) => methodsFor(route).length > 0)
    .map((route) => {
      const methods = methodsFor(route);
      const names = methods.map(pythonName).filter((name) => server.methods.includes(name));
      return [route.replace(/<(path:)?(\w+)>/g, '{$2}'), methods.join(', '), names.join(', ')];
    });
  const searched = ['POST /ajax-api/2.0/mlflow/experiments/search-datasets'];
  rows.push([...searched, 'experiments.searchDatasets', '']);
  const cell = (text: string) => (text === '' ? '' : `\`${text}\``);
  const lines = rows.map((row) => `| ${row.map(cell).join(' | ')} |`);
  const helpers = Object.entries(PYTHON_HELPERS).map(([name, here]) => `| \`${name}\` | ${here} |`);
  const areas = [
    ...Object.entries(LEFT_OUT_ROUTES).map(([route, why]) => `- \`${route}\`: ${why}`),
    ...LEFT_OUT_AREAS.map(([area, why]) => `- \`${area.source.replaceAll('\\', '')}\`: ${why}`),
  ];
  return [
    '| Route | Here | Python |\n| --- | --- | --- |',
    ...lines,
    '\n| Python, without a route | Here |\n| --- | --- |',
    ...helpers,
    '\nLeft out:\n',
    ...areas,
  ].join('\n');
}
