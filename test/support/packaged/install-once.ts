import type { TestProject } from 'vitest/node';
import { installBuilt } from './installed.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** This package as it is installed. */
    installed: {
      /** The file behind the command `ingress-guard`. */
      readonly command: string;
    };
  }
}

/** Builds and installs once for every test that runs the command as a user does: a build takes seconds. */
export default async function installOnce(project: TestProject): Promise<() => Promise<void>> {
  const installed = await installBuilt();
  project.provide('installed', { command: installed.command });
  return async () => await installed[Symbol.asyncDispose]();
}
