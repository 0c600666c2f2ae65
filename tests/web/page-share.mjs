// Links that hold a snippet, what is copied, and the page in frames of others.
import { serving } from './suite.mjs';
import './cases-share.mjs';
import './cases-links.mjs';
import './cases-embed.mjs';

serving.others = ['3.12'];
await import('./browse.mjs');
