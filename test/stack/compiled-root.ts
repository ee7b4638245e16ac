import { join } from 'node:path';
import { projectRoot } from '../../platform/project-root';

/** The folder of the compiled hub: this program's own when it is compiled itself, else what the build made. */
export const compiledRoot = __filename.endsWith('.ts') ? join(projectRoot(), 'dist') : join(__dirname, '..', '..');
