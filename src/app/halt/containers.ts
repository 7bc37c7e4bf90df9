import { fail } from "../../base/result.ts";
import { certificatesIn, type EngineAt } from "../../drivers/docker/at.ts";
import { findEngine, type ReadText } from "../../drivers/docker/find.ts";
import type { ContainersAt } from "../../drivers/docker/published.ts";
import { Secret } from "../../secrets/secret.ts";
import { readAuthority } from "../context/authority.ts";
import { readText } from "../context/engine.ts";
import type { World } from "../context/world.ts";
import type { HaltFlags } from "./flags.ts";
import type { UnderWay } from "./under-way.ts";
import { silentDisk } from "./witnesses.ts";

/**
 * The containers of the halted service, and the engine to ask for them, found when the requests are out. Docker's own
 * settings lie on a disk that may hang: each file is read only where that disk has answered.
 */
export async function containersOfHalt(
  world: World,
  flags: HaltFlags,
  { source, platform: { docker, trading } }: Pick<UnderWay, "source" | "platform">,
): Promise<ContainersAt | undefined> {
  const { containers } = trading;
  if (containers === undefined) return undefined;
  const read: ReadText = async (path) => {
    const silent = await silentDisk(world, flags, source.path, [path]);
    return silent === undefined ? await readText(path) : fail(`${path}: its disk does not answer`);
  };
  const found = await findEngine(world.env, docker, read);
  if (!found.ok) return { ...containers, engine: { host: docker.host ?? "", refused: found.failure.why } };
  return { ...containers, engine: await withTls(world, found.value, read) };
}

async function withTls(world: World, engine: EngineAt, read: ReadText): Promise<EngineAt> {
  if (engine.certs === undefined) return engine;
  const files = await certificatesIn(engine.certs);
  const texts: Record<string, string | undefined> = {};
  for (const file of Object.values(files)) {
    const text = await read(file);
    if (!text.ok) return { ...engine, refused: text.failure };
    texts[file] = text.value;
  }
  const ca = await readAuthority(world, files.ca, "refuse");
  if (!ca.ok) return { ...engine, refused: ca.failure };
  const [cert, key] = [texts[files.cert ?? ""], texts[files.key ?? ""]];
  const own = key === undefined ? {} : { cert, key: new Secret(files.key ?? "", key) };
  return { ...engine, tls: { ca: ca.value, ...own } };
}
