import { access } from "node:fs/promises";
import { basename, join } from "node:path";
import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type YAMLMap } from "yaml";
import { readSource } from "../language/source.ts";

/** A service that a Compose file has: what of it a platform file can say. */
export interface ServiceBeside {
  readonly name: string;
  /** Where this machine reaches it, where it publishes a port. */
  readonly at?: { readonly host: string; readonly port: number; readonly inside: number };
}

/** A Compose file beside which a platform file is begun. */
export interface ServicesBeside {
  /** Its name, without folders. */
  readonly file: string;
  /** Undefined where it names no project: Compose takes its folder's name. */
  readonly project?: string;
  readonly services: readonly ServiceBeside[];
}

/** As Compose looks for them, the first that is there. */
const names = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
/** As Compose allows them. */
export const serviceName = /^[A-Za-z0-9._-]+$/;

/**
 * The services of the Compose file in a folder, and the ports that they publish. Nothing else of it is looked at: what
 * it gives to a container's environment may be a secret. So no message quotes it.
 * @returns undefined where there is none; a sentence where it cannot be used.
 */
export async function servicesBeside(folder: string): Promise<ServicesBeside | string | undefined> {
  for (const file of names) {
    const path = join(folder, file);
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (!there) continue;
    const read = await readSource(path);
    if (!read.ok) return `${file} is not used: it cannot be read`;
    return servicesOfText(file, read.value.text);
  }
  return undefined;
}

export function servicesOfText(file: string, text: string): ServicesBeside | string {
  const document = parseDocument(text);
  if (document.errors.length > 0) return `${file} is not used: it is not YAML`;
  const { contents } = document;
  const services = isMap(contents) ? valueIn(document, contents, "services") : undefined;
  if (!isMap(contents) || !isMap(services)) return `${file} is not used: it has no services`;
  const project = textOf(valueIn(document, contents, "name"));
  const found = services.items.flatMap(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : "";
    const own = resolved(document, value);
    if (!serviceName.test(name) || name.startsWith("x-")) return [];
    const at = isMap(own) ? publishedBy(document, valueIn(document, own, "ports")) : undefined;
    return [{ name, ...(at === undefined ? {} : { at }) }];
  });
  return { file, ...(project === undefined ? {} : { project }), services: found };
}

/** The project's name where its file has none, as Compose makes it of the folder. */
export function projectOf(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "");
  return name === "" ? "default" : name;
}

function resolved(document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** A key's value; where a map lacks it, that of a map which is merged into it, though not of itself. */
function valueIn(document: Document, map: YAMLMap, wanted: string, seen = new Set<unknown>()): unknown {
  const valueOf = (name: string): unknown =>
    resolved(document, map.items.find(({ key }) => isScalar(key) && key.value === name)?.value);
  const own = valueOf(wanted);
  if (own !== undefined) return own;
  const merged = valueOf("<<");
  seen.add(map);
  for (const source of isSeq(merged) ? merged.items : [merged]) {
    const other = resolved(document, source);
    if (!isMap(other) || seen.has(other)) continue;
    const found = valueIn(document, other, wanted, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Published = NonNullable<ServiceBeside["at"]>;

/** The first TCP port that can be reached from here. */
function publishedBy(document: Document, ports: unknown): Published | undefined {
  if (!isSeq(ports)) return undefined;
  for (const item of ports.items.map((one) => resolved(document, one))) {
    const found = isMap(item) ? longForm(document, item) : shortForm(textOf(item));
    if (found !== undefined) return found;
  }
  return undefined;
}

function longForm(document: Document, map: YAMLMap): Published | undefined {
  const text = (key: string): string | undefined => textOf(valueIn(document, map, key));
  if ((text("protocol") ?? "tcp") !== "tcp") return undefined;
  return publishedAt(text("host_ip"), text("published"), text("target"));
}

/** `8080:80`, `127.0.0.1:8080:80`, `[::1]:8080:80/tcp`, `3000-3005:3000-3005`; a lone port is published anywhere. */
function shortForm(text: string | undefined): Published | undefined {
  const parts = /^(?:(\[[^\]]*\]|[\d.]+):)?([\d-]+):([\d-]+)(?:\/tcp)?$/.exec(text ?? "");
  return parts === null ? undefined : publishedAt(parts[1], parts[2], parts[3]);
}

function publishedAt(ip = "", published = "", target = ""): Published | undefined {
  const [port = 0, inside = 0] = [published, target].map((text) => Number(/^\d+/.exec(text)?.[0] ?? 0));
  const address = /^\[?[\da-f.:]*\]?$/i;
  if (port < 1 || port > 65_535 || !address.test(ip)) return undefined;
  const everywhere = ["", "0.0.0.0", "[::]", "::", "127.0.0.1", "[::1]", "::1"].includes(ip);
  const host = everywhere ? "localhost" : ip.includes(":") && !ip.startsWith("[") ? `[${ip}]` : ip;
  return { host, port, inside };
}

/** A scalar as it is written, with `${NAME:-default}` as its default; undefined where only the environment knows. */
function textOf(node: unknown): string | undefined {
  const value = isScalar(node) ? node.value : undefined;
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const text = String(value).replaceAll(/\$\{\w+:?-([^${}]*)\}/g, "$1");
  return text.includes("$") || text === "" ? undefined : text;
}
