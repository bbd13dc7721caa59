// npx tsc -b examples && node examples/dist/inference.js
import { TextClassifier } from 'bert-tfjs';
import { MlflowClient } from 'mlflow-rest-ts';
import { downloadModel, findVersion } from 'model-registry';

const mlflow = new MlflowClient({ trackingUri: 'http://127.0.0.1:5050' });
const version = await findVersion(mlflow, 'quickstart-sentiment'); // in Production, else the newest
if (!version) throw new Error('Nothing is registered yet: `npm start` does it.');
const classifier = await TextClassifier.load(
  await downloadModel(mlflow, version, 'mlruns/cache/registered'),
);

console.table(
  await classifier.predict(['배우들 연기가 정말 훌륭했어요', '이야기가 지루해서 끝까지 못 봤다']),
);
