/** The heading of what is not released yet. */
const UNRELEASED = /^## \[[^\]]+\] - unreleased$/m;

/**
 * A changelog in which what was unreleased is of a version.
 *
 * @param day on which it is released: `2027-01-31`.
 * @throws if nothing is unreleased.
 */
export function release(changelog: string, version: string, day: string): string {
  if (!UNRELEASED.test(changelog)) {
    throw new Error(
      'CHANGELOG.md has no heading `## [next] - unreleased`: write it, with what a user would notice below it',
    );
  }
  return changelog.replace(UNRELEASED, `## [${version}] - ${day}`);
}

/**
 * What the changelog says of a version, without its heading.
 *
 * @throws if it says nothing of the version, or the version is not released.
 */
export function notesOf(changelog: string, version: string): string {
  const sections = changelog.split(/^(?=## )/m);
  const section = sections.find((one) => one.startsWith(`## [${version}] - `));
  if (section === undefined || UNRELEASED.test(section)) {
    throw new Error(`CHANGELOG.md has no released version ${version}: run npm version, which writes it`);
  }
  const notes = section.slice(section.indexOf('\n')).trim();
  if (notes === '') throw new Error(`CHANGELOG.md says nothing of version ${version}: write what a user would notice`);
  return notes;
}
