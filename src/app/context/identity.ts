/** Whom this process works for, in the system's own numbers. */
export interface Identity {
  /** Users whose files are trusted: root, this process's user, and who called sudo. */
  readonly uids: readonly number[];
  /** Groups that are those users' own. */
  readonly gids: readonly number[];
}

/**
 * @param uid the effective user; undefined where the system has no such numbers
 * @param gid that user's own group
 */
export function identityOf(
  uid: number | undefined,
  gid: number | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Identity | undefined {
  if (uid === undefined || gid === undefined) return undefined;
  // Anybody may set these; only for root do they say who called sudo.
  const caller = (name: string): readonly number[] => {
    const value = uid === 0 ? (env[name] ?? "") : "";
    return /^\d+$/.test(value) ? [Number(value)] : [];
  };
  return { uids: [...new Set([0, uid, ...caller("SUDO_UID")])], gids: [gid, ...caller("SUDO_GID")] };
}
