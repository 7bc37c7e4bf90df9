import { posix } from "node:path";
import { listOf, recordOf, textIn, type Described } from "./described.ts";
import { canonicalJson } from "../../base/json.ts";
import { fail, ok, type Result } from "../../base/result.ts";

/** What Compose makes of a service: the parts that an operator's variables go into. */
export interface Definition {
  /** Undefined where it is built, and has the name that Compose gives it. */
  readonly image: string | undefined;
  /** null: taken from where Compose runs, and not set there. */
  readonly environment: ReadonlyMap<string, string | null>;
  /** By their place in the container, what is mounted there; those that have no name of their own are left out. */
  readonly mounts: ReadonlyMap<string, string>;
  /** All of it that is not above: command, labels, ports, the networks it is in. */
  readonly rest: string;
  /** Places in the container that something unnamed is mounted at: the engine's affair. */
  readonly unnamed: ReadonlySet<string>;
}

/**
 * A service in what `config` printed, in either flavour's YAML; undefined when it is not there. Fails with a sentence
 * when that is no definition.
 * Every value is the text it was written as: 1.10 stays 1.10.
 */
export async function definitionOf(
  printed: string,
  project: string,
  service: string,
): Promise<Result<Definition | undefined, string>> {
  const top = await read(printed);
  if (typeof top["services"] !== "object") return fail("what it prints is no definition");
  const services = recordOf(top["services"]);
  if (!Object.hasOwn(services, service)) return ok(undefined);
  const { image, environment, volumes, ...rest } = recordOf(services[service]);
  const mounts = listOf(volumes).map((mount) => mountOf(mount, recordOf(top["volumes"]), project));
  const own = (part: string): unknown => {
    const all = recordOf(top[part]);
    const names = namesIn(rest[part]);
    // A service that names no network is in the default one.
    if (part === "networks" && names.length === 0) names.push("default");
    return names.map((name) => [name, all[name]]);
  };
  return ok({
    image: typeof image === "string" ? unescaped(image) : undefined,
    environment: environmentOf(environment),
    mounts: new Map(mounts.flatMap(({ target, what }) => (what === undefined ? [] : [[target, what]]))),
    unnamed: new Set([
      ...mounts.flatMap(({ target, what }) => (what === undefined ? [target] : [])),
      ...targetsOf(rest["configs"], "/"),
      ...targetsOf(rest["secrets"], "/run/secrets/"),
    ]),
    rest: canonicalJson([rest, own("networks"), own("configs"), own("secrets")]),
  });
}

/** `volume p_data read-only`; undefined for what has no source of its own. */
export function mountText(type: string, source: string, readOnly: boolean): string | undefined {
  if (source === "" || (type !== "volume" && type !== "bind")) return undefined;
  const from = type === "bind" ? bare(source) : source;
  return `${type} ${from}${readOnly ? " read-only" : ""}`;
}

/** A path as it is compared: without the slash at its end. */
export function bare(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

async function read(printed: string): Promise<Described> {
  const { isScalar, parseDocument, visit } = await import("yaml");
  // Every scalar a text: a flavour quotes what YAML 1.1 would take for something else, and reads it so.
  const document = parseDocument(printed, { schema: "failsafe" });
  if (document.errors.length > 0) return {};
  visit(document, {
    Scalar: (key, node) => {
      const nothing =
        isScalar(node) && node.type === "PLAIN" && ["", "~", "null"].includes(String(node.value));
      if (key === "value" && nothing) node.value = null;
    },
  });
  return recordOf(document.toJS());
}

function environmentOf(written: unknown): ReadonlyMap<string, string | null> {
  const pairs = Array.isArray(written)
    ? listOf(written).map((line): [string, string | null] => splitPair(String(line)))
    : Object.entries(recordOf(written)).map(([name, value]): [string, string | null] => [
        name,
        typeof value === "string" ? value : null,
      ]);
  return new Map(pairs.map(([name, value]) => [name, value === null ? null : unescaped(value)]));
}

/** `NAME=value` of an environment; null where there is no `=`. */
export function splitPair(line: string): [string, string | null] {
  const at = line.indexOf("=");
  return at < 0 ? [line, null] : [line.slice(0, at), line.slice(at + 1)];
}

interface Mount {
  readonly target: string;
  readonly what: string | undefined;
}

function mountOf(written: unknown, volumes: Described, project: string): Mount {
  if (typeof written === "string") {
    const [first = "", target, mode = ""] = unescaped(written).split(":");
    if (target === undefined) return { target: bare(first), what: undefined };
    const bind = first.startsWith("/");
    const source = bind ? first : volumeName(first, volumes, project);
    const readOnly = mode.split(",").includes("ro");
    return { target: bare(target), what: mountText(bind ? "bind" : "volume", source, readOnly) };
  }
  const { type, source, target, read_only } = recordOf(written);
  const from = unescaped(textIn(source));
  const name = type === "volume" && from !== "" ? volumeName(from, volumes, project) : from;
  return {
    target: bare(unescaped(textIn(target))),
    what: mountText(textIn(type), name, read_only === "true"),
  };
}

function volumeName(key: string, volumes: Described, project: string): string {
  const { name, external } = recordOf(volumes[key]);
  if (typeof name === "string") return unescaped(name);
  const other = recordOf(external)["name"];
  if (typeof other === "string") return unescaped(other);
  return external === "true" ? key : `${project}_${key}`;
}

/** Where configs or secrets are put: bare names, or with a target of their own. */
function targetsOf(written: unknown, folder: string): string[] {
  return listOf(written).map((one) => {
    const { source, target } = recordOf(one);
    const place = typeof one === "string" ? one : textIn(target) || textIn(source);
    return bare(place.startsWith("/") ? place : `${folder}${place}`);
  });
}

function namesIn(written: unknown): string[] {
  if (!Array.isArray(written)) return Object.keys(recordOf(written));
  return listOf(written).map((one) => (typeof one === "string" ? one : textIn(recordOf(one)["source"])));
}

/** What is printed can be read again: a dollar is written twice. */
function unescaped(value: string): string {
  return value.replaceAll("$$", "$");
}
