// @ts-check
import './node-version.js';

import('./commands/test.js');
