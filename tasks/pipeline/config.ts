export type { Config } from './config.generated.js';
