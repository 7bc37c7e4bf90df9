import { failureText, type Failure } from "../../src/base/failure.ts";
import type { Result } from "../../src/base/result.ts";

/** The value of a result that must be one. */
export function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`failed: ${failureText(result.failure)}`);
  return result.value;
}

/** The failure of a result that must be one. */
export function failure(result: Result<unknown>): Failure {
  if (result.ok) throw new Error("it did not fail");
  return result.failure;
}
