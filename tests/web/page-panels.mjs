// The large panels: steps, objects, the source as the compiler read it.
import './cases-steps.mjs';
import './cases-objects.mjs';
import './cases-ast.mjs';
import './browse.mjs';
