// @ts-check
import './node-version.js';

import('./commands/start.js');
