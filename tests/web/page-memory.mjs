// The panels for memory and frames.
import './cases-memory.mjs';
import './cases-frames.mjs';
import './browse.mjs';
