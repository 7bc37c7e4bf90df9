/** Whether a variable holds an address with a secret in it, of whichever store. */
export function isSecretAddress(name: string): boolean {
  return /^(?:DATABASE_URL|DATABASE_ADMIN_URL|REDIS_URL)(?:_[A-Z0-9_]+)?$/.test(name);
}
