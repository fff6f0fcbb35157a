import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import type { Plugin } from 'esbuild';
import { readAllowlistFile } from '../../src/allowlist/allowlist-file.ts';
import { removeZippedCopiesAtExit } from './zipped-copies.ts';

/** The file with the allowlist that is packaged: what INGRESS_GUARD_ALLOWLIST names while packaging, else allowlist.yaml. */
export function packagedAllowlistFile(): string {
  return process.env.INGRESS_GUARD_ALLOWLIST || 'allowlist.yaml';
}

/**
 * Puts the allowlist, checked and as JSON, in the place of src/allowlist/packaged-allowlist.ts. An allowlist that is not
 * valid breaks the build; stack/packaging/settings/plugin.ts has found it before, and says so in plainer words.
 */
const packagedAllowlist: Plugin = {
  name: 'packaged-allowlist',
  setup(build) {
    build.onLoad({ filter: /src\/allowlist\/packaged-allowlist\.ts$/ }, async () => {
      const file = packagedAllowlistFile();
      const { allowlist, sha256 } = await readAllowlistFile(file);
      const contents = `
        import { CompiledAllowlist } from '../policy/compile-allowlist.ts';
        const allowlist = ${JSON.stringify(allowlist)};
        export async function readPackagedAllowlist() {
          return { allowlist, compiled: new CompiledAllowlist(allowlist), sha256: '${sha256}' };
        }`;
      return { contents, loader: 'ts', watchFiles: [file] };
    });
  },
};

/** The modules that read an allowlist from elsewhere, with their SDK clients: in the bundle only if they are used. */
const REMOTE_SOURCES = { 'ssm:': 'ssm-allowlist', 'appconfig:': 'appconfig-allowlist' };

function withoutUnusedSources(location: string): Plugin {
  return {
    name: 'without-unused-sources',
    setup(build) {
      for (const [scheme, module] of Object.entries(REMOTE_SOURCES)) {
        if (location.startsWith(scheme)) continue;
        build.onLoad({ filter: new RegExp(`src/allowlist/${module}\\.ts$`) }, () => {
          const message = `this package was made without allowlists at ${scheme}...: deploy with --param=allowlist=${scheme}...`;
          const fail = `() => { throw new Error(${JSON.stringify(message)}); }`;
          return { contents: `export const readSsmParameter = ${fail}, readAppConfig = ${fail};` };
        });
      }
    },
  };
}

/** The modules that reach other accounts, with their SDK clients, and what each exports. */
const OF_AN_ORGANIZATION = {
  'sts/member-sessions': 'memberSessions',
  'organizations/account-path': 'accountPathReader',
};

/** Leaves out what only the setting `organization` asks for: a stack of one account has no use for a sixth of its functions. */
function withoutOrganization(organization: string): Plugin {
  return {
    name: 'without-organization',
    setup(build) {
      if (organization !== '') return;
      for (const [module, name] of Object.entries(OF_AN_ORGANIZATION)) {
        build.onLoad({ filter: new RegExp(`src/aws/${module}\\.ts$`) }, () => {
          const message = 'this package was made without an organization: deploy with the setting organization';
          return { contents: `export const ${name} = () => { throw new Error(${JSON.stringify(message)}); };` };
        });
      }
    },
  };
}

/** Leaves out what only the setting `securityHub` asks for: a quarter of the audit's package. */
function withoutSecurityHub(securityHub: string): Plugin {
  return {
    name: 'without-security-hub',
    setup(build) {
      if (securityHub === 'true') return;
      build.onLoad({ filter: /handlers\/shared\/import-findings\.ts$/ }, () => {
        const message = 'this package was made without Security Hub: deploy with the setting securityHub';
        const fail = `() => { throw new Error(${JSON.stringify(message)}); }`;
        return { contents: `export const importFindingsHere = ${fail};` };
      });
    },
  };
}

/** Leaves out what only the setting `chat` asks for. */
function withoutChat(chat: string): Plugin {
  return {
    name: 'without-chat',
    setup(build) {
      if (chat === 'true') return;
      build.onLoad({ filter: /handlers\/shared\/chat-message\.ts$/ }, () => ({
        // Middy takes no middleware without a hook.
        contents: 'export const withOutcomeMessage = () => ({ after() {} }), withAuditMessage = withOutcomeMessage;',
      }));
    },
  };
}

/**
 * Lambda hands credentials over in environment variables. The SDK's default chain also knows profiles, SSO, IMDS and
 * more, which is a third of the client's size.
 */
const credentialsFromEnvironment: Plugin = {
  name: 'credentials-from-environment',
  setup(build) {
    // The path is part of the hash in a chunk's name, so it must not say where the checkout is.
    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path, resolveDir }) => ({
      path,
      namespace: 'credentials-from-environment',
      pluginData: resolveDir,
    }));
    build.onLoad({ filter: /.*/, namespace: 'credentials-from-environment' }, ({ pluginData: resolveDir }) => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
      resolveDir,
    }));
  },
};

/**
 * Leaves out what the SDK loads on demand and no call of ours demands: the names of browsers, and event streams, which no
 * API that is called here has.
 */
const withoutUndemanded: Plugin = {
  name: 'without-undemanded',
  setup(build) {
    build.onResolve({ filter: /^(bowser|@smithy\/core\/event-streams)$/ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, namespace: 'undemanded' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'undemanded' }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} was left out of this bundle: see stack/packaging/esbuild-plugins.ts`)});`,
    }));
  },
};

/**
 * Lets esbuild leave out the shapes of the SDK's calls that no one makes. EC2 has 700 of them: half a megabyte, which takes
 * longer to load than all the rest. A schema with a computed key, `{ [_xN]: "item" }`, counts as one whose making might do
 * something, and so stays with all that it refers to; with the text in the place of the constant it does not.
 */
const schemasWithPlainKeys: Plugin = {
  name: 'schemas-with-plain-keys',
  setup(build) {
    build.onLoad({ filter: /@aws-sdk\/client-[^/]+\/dist-es\/schemas\/schemas_\d+\.js$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8');
      const texts = new Map(
        Array.from(code.matchAll(/^const (\w+) = ("[^"\\]*");$/gm), ([, name, text]) => [name, text]),
      );
      return {
        contents: code.replace(/\[(\w+)\]:/g, (key, name) => (texts.has(name) ? `[${texts.get(name)}]:` : key)),
      };
    });
  },
};

/**
 * Powertools' Logger draws lots for the debug log by node:crypto, which takes as long to load as all of the judgement.
 */
const samplingWithoutCrypto: Plugin = {
  name: 'sampling-without-crypto',
  setup(build) {
    build.onResolve({ filter: /^node:crypto$/ }, ({ importer }) =>
      importer.includes('@aws-lambda-powertools/logger') ? { path: 'randomInt', namespace: 'sampling' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'sampling' }, () => ({
      contents: 'export const randomInt = (from, to) => from + Math.floor(Math.random() * (to - from));',
    }));
  },
};

/**
 * Takes yaml's ES modules, which it has for browsers and which parse the same. Of its CommonJS, imported on demand,
 * esbuild would keep no named export, and its `require('process')` would throw.
 */
const yamlAsEsModule: Plugin = {
  name: 'yaml-as-es-module',
  setup(build) {
    const folder = dirname(createRequire(import.meta.url).resolve('yaml/package.json'));
    build.onResolve({ filter: /^yaml$/ }, () => ({ path: join(folder, 'browser/dist/index.js') }));
  },
};

/**
 * Names the parts of a bundle after their handler (`enforce-ingress.ABCD1234.mjs`): serverless-esbuild leaves files named
 * after another function out of a function's package.
 */
const chunksNamedAfterHandler: Plugin = {
  name: 'chunks-named-after-handler',
  setup({ initialOptions }) {
    const [entry] = initialOptions.entryPoints as string[];
    initialOptions.chunkNames = `${basename(entry as string, '.ts')}.[hash]`;
  },
};

/**
 * Keeps what a start loads in one file. esbuild puts code that the handler shares with modules that are loaded later into extra files: 15 of
 * them in enforceSecurityGroup. To load one takes as long as to load 5 KB of code. So each module that is loaded later imports the
 * handler here: then all code of a start is shared with the same modules, and stays together.
 */
const startInOneFile: Plugin = {
  name: 'start-in-one-file',
  setup(build) {
    const [entry] = build.initialOptions.entryPoints as string[];
    const handler = `./${relative('', entry as string)}`;
    build.onResolve({ filter: /^\.\.?\// }, ({ path, kind, importer, resolveDir }) => {
      if (kind !== 'dynamic-import' || importer.includes('node_modules')) return undefined;
      const module = `./${relative('', join(resolveDir, path))}`;
      // With the path alone, the plugins above would take it for the module itself.
      return { path: `${module} later`, namespace: 'loaded-later', pluginData: module };
    });
    build.onLoad({ filter: /.*/, namespace: 'loaded-later' }, ({ pluginData: module }) => ({
      contents: `export * from '${module}'; import '${handler}';`,
      resolveDir: process.cwd(),
    }));
  },
};

/** What serverless-esbuild asks for, with the service as `serverless.yml` and its parameters make it. */
interface Serverless {
  readonly service: {
    readonly custom?: {
      readonly organization?: string;
      readonly securityHub?: string | boolean;
      readonly chat?: string | boolean;
    };
    readonly provider: { readonly environment?: { readonly INGRESS_GUARD_ALLOWLIST?: string } };
  };
}

export default function plugins({ service }: Serverless): Plugin[] {
  const location = service.provider.environment?.INGRESS_GUARD_ALLOWLIST ?? '';
  // The files keep their permissions in the package: they must be the same wherever it is made, and Lambda must be able to read them.
  process.umask(0o022);
  removeZippedCopiesAtExit();
  return [
    packagedAllowlist,
    withoutUnusedSources(location),
    withoutOrganization(service.custom?.organization ?? ''),
    withoutSecurityHub(String(service.custom?.securityHub ?? 'false')),
    withoutChat(String(service.custom?.chat ?? 'false')),
    credentialsFromEnvironment,
    withoutUndemanded,
    schemasWithPlainKeys,
    samplingWithoutCrypto,
    yamlAsEsModule,
    chunksNamedAfterHandler,
    startInOneFile,
  ];
}
