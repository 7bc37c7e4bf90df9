/** What Compose writes on the containers that it makes. */
const project = "com.docker.compose.project";
const service = "com.docker.compose.service";

/** The filters of a project's containers, or of one of its services. */
export function labelsOf(projectName: string, serviceName?: string): readonly string[] {
  return [`${project}=${projectName}`, ...(serviceName === undefined ? [] : [`${service}=${serviceName}`])];
}

/** The service of a container, from the labels that an engine lists; empty where Compose did not make it. */
export function serviceOf(labels: Readonly<Record<string, unknown>>): string {
  const name = labels[service];
  return typeof name === "string" ? name : "";
}
