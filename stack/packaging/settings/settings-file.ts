import { isMap, isScalar, LineCounter, type Node, type ParsedNode, parseDocument } from 'yaml';
import { printable } from '../../../src/policy/quote.ts';

/** The file in the checkout that holds the settings of each stage. */
export const SETTINGS_FILE = 'settings.yml';

/** A value as someone wrote it, and where: `settings.yml:7:9: prod.mode`, `--param=mode`. */
export interface Written {
  readonly value: string;
  readonly where: string;
}

/** What a settings file holds: for each section, `default` or a stage's name, its settings as they are written. */
export interface SettingsFile {
  readonly sections: ReadonlyMap<string, ReadonlyMap<string, Written>>;
  /** What is wrong with the file itself; whether a setting exists, and its value can be meant, is not looked at. */
  readonly problems: readonly string[];
}

/**
 * Reads the text of a settings file: YAML, a mapping of sections to mappings of settings to plain values. Values stay as
 * they are written (`1e3`, `010`). Never throws, whatever the text is.
 */
export function readSettingsFile(text: string): SettingsFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${SETTINGS_FILE}:${line}:${col}`;
  };
  const [broken] = [...document.errors, ...document.warnings];
  if (broken !== undefined) {
    return { sections: new Map(), problems: [`${at(broken.pos[0])}: ${describe(broken.code, broken.message)}`] };
  }

  const problems: string[] = [];
  const place = (node: unknown): string => at((node as Node | null)?.range?.[0] ?? 0);
  const membersOf = (node: ParsedNode | null, problem: string): [string, ParsedNode | null, string][] => {
    if (node === null || (isScalar(node) && node.value === null)) return [];
    if (!isMap(node)) {
      problems.push(problem);
      return [];
    }
    return node.items.map(({ key, value }) => [String(isScalar(key) ? key.value : key), value, place(key)]);
  };

  const sections = membersOf(
    document.contents,
    `${SETTINGS_FILE}: holds no sections: write default: or a stage's name, with settings under it`,
  );
  return {
    problems,
    sections: new Map(
      sections.map(([section, settings, where]) => [
        section,
        new Map(
          membersOf(
            settings,
            `${where}: ${printable(section, 64)} is no section: put settings under default: or a stage's name, indented`,
          ).flatMap(([setting, value, where]) => {
            const label = `${where}: ${printable(section, 64)}.${printable(setting, 64)}`;
            if (isScalar(value) && (value.value === null || typeof value.value !== 'object')) {
              return [
                [setting, { value: value.value === null ? '' : (value.source ?? String(value.value)), where: label }],
              ];
            }
            problems.push(`${label}: is a list or a mapping: write one value, such as us-east-1,eu-west-1 for regions`);
            return [];
          }),
        ),
      ]),
    ),
  };
}

function describe(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this name is there twice: keep one of the two';
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here: put all sections into one';
  return `this is not YAML that can be read (${printable(message, 200)}): correct it here, or in the line before`;
}
