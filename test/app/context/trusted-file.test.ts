/** faults 0.2: who may change a file, by its owner, mode, folders and links. */
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { identityOf, type Identity } from "../../../src/app/context/identity.ts";
import { lookAtFile } from "../../../src/app/context/trusted-file.ts";

const uid = process.getuid?.() ?? 0;
const gid = process.getgid?.() ?? 0;
const me: Identity = { uids: [...new Set([0, uid])], gids: [gid] };
/** A login that is not the one of this test, and its files. */
const stranger = 54_321;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lav-ir-trust-"));
  file = join(folder, "platform.yaml");
  writeFileSync(file, "", { mode: 0o644 });
});
afterEach(() => rmSync(folder, { recursive: true }));

async function why(path: string, identity = me): Promise<string> {
  const looked = await lookAtFile(path, identity);
  return looked.trusted ? "" : `${looked.distrust.why}; ${looked.distrust.mend}`;
}

describe("faults 0.2: a file is trusted", () => {
  test("that only its owner may write, or a group of the owner's own", async () => {
    for (const mode of [0o400, 0o600, 0o640, 0o644, 0o755, 0o664]) {
      chmodSync(file, mode);
      expect(await why(file)).toBe("");
    }
  });

  test("by way of links, and of .. behind one", async () => {
    mkdirSync(join(folder, "real/deep"), { recursive: true });
    writeFileSync(join(folder, "real/platform.yaml"), "");
    symlinkSync("real/deep", join(folder, "link"));
    expect(await why(`${folder}/link/../platform.yaml`)).toBe("");
    symlinkSync(`${folder}/link/../platform.yaml`, join(folder, "file"));
    expect(await why(`${folder}/./file`)).toBe("");
  });
});

describe("faults 0.2: a file is not trusted", () => {
  test.each([
    [0o666, "everybody can write to it; "],
    [0o646, "everybody can write to it; "],
    [0o602, "everybody can write to it; "],
  ])("with mode %o", async (mode, says) => {
    chmodSync(file, mode);
    expect(await why(file)).toContain(says);
    expect(await why(file)).toContain(`chmod go-w ${file}`);
  });

  test("that another group may write", async () => {
    chmodSync(file, 0o664);
    expect(await why(file, { ...me, gids: [stranger] })).toMatch(
      /: the group \S+ can write to it; chmod g-w/,
    );
  });

  test("that is somebody else's, or in a folder of theirs", async () => {
    // Only root gives files away; anybody else looks at their own as another one would.
    if (uid === 0) chownSync(file, stranger, stranger);
    const other: Identity = uid === 0 ? me : { uids: [0, stranger], gids: [stranger] };
    const owner = uid === 0 ? String(stranger) : ".*";
    const said = await why(file, other);
    expect(said).toMatch(new RegExp(`is owned by ${owner} and has mode 0[67][04][04]: it must be `));
    expect(said).toContain("sudo chown ");
  });

  test("whose link in a sticky folder is somebody else's", async () => {
    const shared = join(folder, "shared");
    mkdirSync(shared);
    chmodSync(shared, 0o1777);
    const link = join(shared, "platform.yaml");
    symlinkSync(file, link);
    expect(await why(link)).toBe("");
    if (uid === 0) lchownSync(link, stranger, stranger);
    const other: Identity = uid === 0 ? me : { uids: [0, stranger], gids: [stranger] };
    expect(await why(link, other)).toMatch(/^the (link|folder) \S+ is owned by /);
  });

  test("that is a circle, or not there", async () => {
    const circle = join(folder, "circle");
    symlinkSync("circle", circle);
    expect(await why(circle)).toContain("ELOOP");
    expect(await why(join(folder, "gone"))).toContain("ENOENT");
  });
});

describe("faults 0.2: whose files are the user's own", () => {
  test("root's and theirs; whoever called sudo is believed only as root", () => {
    const sudo = { SUDO_UID: "1000", SUDO_GID: "1000" };
    expect(identityOf(0, 0, sudo)).toEqual({ uids: [0, 1000], gids: [0, 1000] });
    expect(identityOf(0, 0, {})).toEqual({ uids: [0], gids: [0] });
    expect(identityOf(1001, 1001, sudo)).toEqual({ uids: [0, 1001], gids: [1001] });
    expect(identityOf(0, 0, { SUDO_UID: "1000x", SUDO_GID: "" })).toEqual({ uids: [0], gids: [0] });
    expect(identityOf(undefined, undefined, sudo)).toBeUndefined();
  });
});
