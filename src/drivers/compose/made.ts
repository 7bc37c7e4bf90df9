import { listOf, recordOf, textIn, type Described } from "./described.ts";
import type { Engine } from "../docker/engine.ts";
import { bare, mountText, splitPair, type Definition } from "./definition.ts";
import type { Drift, DriftNames } from "../../base/drift.ts";

/** What a container was made with. */
export interface Made {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly environment: ReadonlyMap<string, string>;
  /** What its image brings; undefined when the image is not on the machine any more. */
  readonly brought: ReadonlyMap<string, string> | undefined;
  readonly mounts: ReadonlyMap<string, string>;
  /** Compose's own hash of the definition it made this from. */
  readonly hash: string;
}

/** The engine's description of a container, with its image's; an image that is gone or cannot be read brings nothing known. */
export async function madeOf(inspected: unknown, engine: Engine, signal: AbortSignal): Promise<Made> {
  const { Id, Name, Image, Config, Mounts } = recordOf(inspected);
  const config = recordOf(Config);
  const described = await engine.json("GET", `/images/${encodeURIComponent(textIn(Image))}/json`, signal);
  return {
    id: textIn(Id),
    name: textIn(Name).replace(/^\//, ""),
    image: textIn(config["Image"]),
    environment: environmentIn(config["Env"]),
    brought: described.ok ? environmentIn(recordOf(recordOf(described.value)["Config"])["Env"]) : undefined,
    mounts: new Map(listOf(Mounts).flatMap((one) => mountIn(recordOf(one)))),
    hash: textIn(recordOf(config["Labels"])["com.docker.compose.config-hash"]),
  };
}

/** What a container made from the definition would have otherwise than these have: names, and never a value. */
export function driftOf(definition: Definition, made: readonly Made[]): Drift {
  const images = made.filter(({ image }) => definition.image !== undefined && image !== definition.image);
  const [now] = images.map(({ image }) => image);
  return {
    ...(now === undefined || definition.image === undefined
      ? {}
      : { image: { now, next: definition.image } }),
    environment: merged(made.map((one) => environmentDrift(definition, one))),
    mounts: merged(made.map((one) => mountDrift(definition, one))),
  };
}

/** Whether a name in the container's environment has the value it would get. */
export function sameVariable(definition: Definition, name: string, { environment }: Made): boolean {
  return (environment.get(name) ?? null) === (definition.environment.get(name) ?? null);
}

/** The container has it, and neither from its image nor from the program that made it. */
export function givenTo({ environment, brought }: Made, name: string): boolean {
  const value = environment.get(name);
  if (value === undefined || brought === undefined) return false;
  return brought.get(name) !== value && !added.test(name);
}

/** What Compose 1.29 adds by itself: the container that is replaced, and the proxies of Docker's own settings. */
const added = /^affinity:|^(?:https?|ftp|no|all)_proxy$/i;

function environmentDrift(definition: Definition, made: Made): DriftNames {
  const then = [...definition.environment].filter(([, value]) => value !== null).map(([name]) => name);
  return {
    added: then.filter((name) => !made.environment.has(name)),
    changed: then.filter((name) => made.environment.has(name) && !sameVariable(definition, name, made)),
    removed: [...made.environment.keys()].filter((name) => !then.includes(name) && givenTo(made, name)),
  };
}

function mountDrift(definition: Definition, made: Made): DriftNames {
  const then = [...definition.mounts.keys()];
  return {
    added: then.filter((place) => !made.mounts.has(place)),
    changed: then.filter(
      (place) => made.mounts.has(place) && made.mounts.get(place) !== definition.mounts.get(place),
    ),
    removed: [...made.mounts.keys()].filter(
      (place) => !definition.mounts.has(place) && !definition.unnamed.has(place),
    ),
  };
}

function merged(all: readonly DriftNames[]): DriftNames {
  const names = (of: (one: DriftNames) => readonly string[]): string[] =>
    [...new Set(all.flatMap(of))].toSorted();
  return {
    added: names((one) => one.added),
    changed: names((one) => one.changed),
    removed: names((one) => one.removed),
  };
}

function environmentIn(written: unknown): ReadonlyMap<string, string> {
  const pairs = listOf(written).map((line) => splitPair(textIn(line)));
  return new Map(pairs.flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}

/** A volume without a name of its own has 64 digits for one. */
function mountIn(mount: Described): [string, string][] {
  const { Type, Name, Source, Destination, RW } = mount;
  const source = Type === "volume" ? textIn(Name) : textIn(Source);
  if (Type === "volume" && /^[0-9a-f]{64}$/.test(source)) return [];
  const what = mountText(textIn(Type), source, RW === false);
  return what === undefined ? [] : [[bare(textIn(Destination)), what]];
}
