/** Why a file could not be read or written, as it completes "…: ". What the system did not say, as it is. */
export function diskFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return why[codeOf(error) ?? ""] ?? error.message;
}

const why: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "this user's share of the disk is used up",
  EFBIG: "the file may not grow any more",
  EROFS: "the disk is mounted read-only",
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EIO: "the disk reports an error",
  ENOTDIR: "a part of its path is a file",
  EEXIST: "a file is in the place of its folder",
  EISDIR: "a folder is in the place of the file",
  ENOENT: "its folder is not there",
  ELOOP: "its path has a symbolic link, which is not followed",
  ENXIO: "a named pipe or a device is in its place",
  ENAMETOOLONG: "its path is too long",
  ERR_INVALID_ARG_VALUE: "its path has a character that no path can have",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
};

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
