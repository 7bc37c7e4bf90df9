import { fieldsOf, listOf } from "./written.ts";

/** Variables of a container whose value is shown: none of them can hold a secret. */
const shown =
  /^(?:PATH|HOME|HOSTNAME|LANG|LANGUAGE|LC_\w+|TZ|TERM|PWD|USER|SHELL|PORT|SERVICE|NODE_ENV|NODE_VERSION|YARN_VERSION|JAVA_HOME|JAVA_VERSION|PGDATA|PG_MAJOR|PG_VERSION|REDIS_VERSION|KAFKA_VERSION|KAFKA_HEAP_OPTS|LOG_LEVEL|DEBUG|PYTHON_VERSION|GOLANG_VERSION|GOSU_VERSION|NGINX_VERSION)$/;

const withheld = "‹withheld›";

/** `NAME=value`, with the value only where its name is on the list. */
export function shownVariable(variable: string): string {
  const at = variable.indexOf("=");
  if (at === -1) return variable;
  const name = variable.slice(0, at);
  return shown.test(name) ? variable : `${name}=${withheld}`;
}

/** The engine's description of a container, its environment without values. */
export function withoutEnvironment(inspected: unknown): unknown {
  const top = fieldsOf(inspected);
  const config = fieldsOf(top["Config"]);
  const variables = listOf(config["Env"]).map((one) => shownVariable(String(one)));
  return { ...top, Config: { ...config, Env: variables } };
}

/** A definition of services as a tree: what services and builds are given, without values; secrets and configs without text. */
export function withoutDefinitionValues(file: unknown): unknown {
  const top = fieldsOf(file);
  const services = Object.entries(fieldsOf(top["services"])).map(([name, service]) => {
    const { build } = fieldsOf(service);
    const fields: Record<string, unknown> = { ...fieldsOf(service) };
    if ("environment" in fields) fields["environment"] = variablesOf(fields["environment"]);
    if (typeof build === "object" && build !== null && "args" in build) {
      fields["build"] = { ...build, args: variablesOf(build.args) };
    }
    return [name, fields] as const;
  });
  const texts = (name: string): object => {
    if (!(name in top)) return {};
    const entries = Object.entries(fieldsOf(top[name])).map(([key, one]) => {
      const fields = fieldsOf(one);
      return [key, "content" in fields ? { ...fields, content: withheld } : fields] as const;
    });
    return { [name]: Object.fromEntries(entries) };
  };
  return { ...top, services: Object.fromEntries(services), ...texts("configs"), ...texts("secrets") };
}

/** Both ways to write them: a map, and a list of `NAME=value`. */
function variablesOf(given: unknown): unknown {
  if (Array.isArray(given)) return given.map((one) => shownVariable(String(one)));
  const entries = Object.entries(fieldsOf(given)).map(([name, value]) => {
    return [name, value === null || shown.test(name) ? value : withheld] as const;
  });
  return Object.fromEntries(entries);
}
