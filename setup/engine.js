// @ts-check
import './node-version.js';

import('./commands/engine.js');
