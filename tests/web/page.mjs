// The page as people use it: what is typed, run and shown, by mouse, by
// keyboard alone, and on a phone; the built server, a real browser.
import './cases-run.mjs';
import './cases-live.mjs';
import './cases-noscript.mjs';
import './cases-lenses.mjs';
import './cases-races.mjs';
import './cases-instructions.mjs';
import './cases-posture.mjs';
import './browse.mjs';
