// The style sheet of bytecode, and of code objects in other panels.
import { adopt } from '../sheet';
import css from './code.css' with { type: 'text' };

adopt(css);
