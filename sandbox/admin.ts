import { serviceNames, services, type ServiceName } from "./services.ts";

/** What an endpoint for tests answered. */
export type Answered = Readonly<Record<string, unknown>>;

export interface Admin {
  admin(service: ServiceName, path: string, json?: object, instance?: number): Promise<Answered>;
  settled(): Promise<void>;
  quiet(): Promise<void>;
  age(seconds: number): Promise<void>;
}

/** Milliseconds for an answer: more than an endpoint gives itself. */
const patience = 150_000;

/** The services' `/admin/…` endpoints, at these addresses. */
export function createAdmin(urlOf: (service: ServiceName, instance: number) => string): Admin {
  const admin: Admin["admin"] = async (service, path, json, instance = 1) => {
    const reply = await fetch(`${urlOf(service, instance)}${path}`, {
      ...(json === undefined
        ? {}
        : {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(json),
          }),
      signal: AbortSignal.timeout(patience),
    });
    const answer = (await reply.json()) as Answered & { readonly error?: { readonly message: string } };
    if (!reply.ok) throw new Error(`${service} ${path}: ${answer.error?.message ?? reply.status}`);
    return answer;
  };
  const settled = async (): Promise<void> => {
    // In the order in which things go through: what one has done is then on its way in the next.
    const order: readonly ServiceName[] = [
      "gateway",
      "venues",
      "executioner",
      "risk-warden",
      "market-sentinel",
    ];
    for (const service of order) {
      // The edge shares the Sentinel's port out among its instances, and one answers for the group.
      const count = service === "market-sentinel" ? 1 : services[service].instances;
      for (let instance = 1; instance <= count; instance++)
        await admin(service, "/admin/settled", undefined, instance);
    }
  };
  return {
    admin,
    settled,
    async quiet() {
      await admin("gateway", "/api/generator", { rate: 0 });
      await settled();
    },
    async age(seconds) {
      for (const service of serviceNames) await admin(service, "/admin/age", { seconds });
    },
  };
}
