import fc from 'fast-check';
import { SEED } from './seed.ts';

// Vitest runs this file before each test file.

fc.configureGlobal({ seed: SEED });
