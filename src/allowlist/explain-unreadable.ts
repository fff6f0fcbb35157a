/**
 * Why a file cannot be read or written, for a person. The texts of the system name the file a second time, or quote what is in it.
 *
 * @param error of Node's file system, or of zlib.
 */
export function explainUnreadable(error: unknown): string {
  const { code = 'no code' } = error as NodeJS.ErrnoException;
  return WHY[code] ?? `it failed (${code})`;
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is a file, not a directory',
  EISDIR: 'it is a directory',
  EACCES: 'you have no permission',
  EPERM: 'you have no permission',
  EROFS: 'it is on a file system that is read-only',
  ENOSPC: 'the disk is full',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'too many files are open',
  Z_BUF_ERROR: 'what gzip packed is cut off',
  Z_DATA_ERROR: 'what gzip packed is damaged',
};
