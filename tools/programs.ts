import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A program that the real services need: where it is looked for, and how to get it. */
export interface Need {
  /** As a person would name it. */
  readonly name: string;
  /** Debian's package. */
  readonly package: string;
  /** Another way to meet the need, for the message on a machine where nothing can be installed. */
  readonly otherwise: string;
  /** What it is for, where the platform itself comes up without it. */
  readonly only?: "tests" | "compose 1";
  readonly here: () => boolean;
}

const debianPostgres = "/usr/lib/postgresql";

/** Everything but the Docker Engine and Compose 2, which have their own ways. */
export const needs: readonly Need[] = [
  {
    name: "PostgreSQL's server",
    package: "postgresql",
    otherwise: "name its folder of programs in LAV_TEST_POSTGRES_BIN",
    here: () => process.env["LAV_TEST_POSTGRES_BIN"] !== undefined || onPath("initdb", debianFolders()),
  },
  {
    name: "Redis's server",
    package: "redis-server",
    otherwise: "name the program in LAV_TEST_REDIS_SERVER",
    here: () => process.env["LAV_TEST_REDIS_SERVER"] !== undefined || onPath("redis-server"),
  },
  {
    name: "Java 17 or newer",
    package: "default-jre-headless",
    otherwise: "put java on the PATH",
    here: () => onPath("java"),
  },
  {
    name: "Prometheus",
    package: "prometheus",
    otherwise: "name the program in LAV_TEST_PROMETHEUS",
    only: "tests",
    here: () => process.env["LAV_TEST_PROMETHEUS"] !== undefined || onPath("prometheus"),
  },
  {
    name: "tinyproxy",
    package: "tinyproxy-bin",
    otherwise: "name the program in LAV_TEST_TINYPROXY",
    only: "tests",
    here: () => process.env["LAV_TEST_TINYPROXY"] !== undefined || onPath("tinyproxy"),
  },
  { name: "Maven", package: "maven", otherwise: "put mvn on the PATH", here: () => onPath("mvn") },
  {
    name: "Compose 1.29",
    package: "docker-compose",
    otherwise: "put docker-compose on the PATH",
    only: "compose 1",
    here: () => onPath("docker-compose"),
  },
  {
    name: "ssh-keygen",
    package: "openssh-client",
    otherwise: "put ssh-keygen on the PATH",
    only: "tests",
    here: () => onPath("ssh-keygen"),
  },
  {
    name: "Chromium",
    package: "chromium",
    otherwise: "name the program in LAV_TEST_CHROMIUM",
    only: "tests",
    here: () => process.env["LAV_TEST_CHROMIUM"] !== undefined || onPath("chromium"),
  },
  {
    name: "Python's venv",
    package: "python3-venv",
    otherwise: "put a python3 that has venv and ensurepip on the PATH",
    only: "tests",
    here: () => spawnSync("python3", ["-c", "import ensurepip, venv"]).status === 0,
  },
];

/** What a Docker Engine of our own needs; looked at only where none answers. */
export const engineNeeds: readonly Need[] = [
  {
    name: "a Docker Engine",
    package: "docker.io",
    otherwise: "start one, or name its address in DOCKER_HOST",
    // One of our own can be started by root only.
    here: () => process.getuid?.() === 0 && onPath("dockerd"),
  },
  {
    name: "iptables",
    package: "iptables",
    otherwise: "the engine needs it for the names inside its networks",
    here: () => onPath("iptables"),
  },
];

const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** Whether a program can be run: on the PATH, in the system's own folders, or in those named. */
export function onPath(program: string, folders: readonly string[] = []): boolean {
  return whereIs(program, folders) !== undefined;
}

export function whereIs(program: string, folders: readonly string[] = []): string | undefined {
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...folders, ...path, ...systemFolders].map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function debianFolders(): string[] {
  const versions = existsSync(debianPostgres) ? readdirSync(debianPostgres) : [];
  return versions.map((version) => join(debianPostgres, version, "bin"));
}
