import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loginOf } from "../../../src/app/context/login.ts";
import { temporaryFolder } from "../../program.ts";

test("a login is the one of the system's list, whatever $USER says", () => {
  expect(loginOf(process.getuid?.())).toBe(userInfo().username);
  const list = join(temporaryFolder(), "passwd");
  writeFileSync(
    list,
    "# people\nroot:x:0:0::/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\nada2:x:1000:7::/:\n",
  );
  expect([loginOf(1000, list), loginOf(100, list), loginOf(1, `${list}-none`)]).toEqual(["ada", "100", "1"]);
  expect(loginOf(undefined, list)).toBe("unknown");
});
