import type { Network } from "../../ports/network.ts";
import { readCertificate, type CertificateSettings } from "./certificate.ts";
import { connect } from "./connect.ts";
import { lookup } from "./lookup.ts";

/** Connections, names and certificates by what Node has; each module of it is loaded with the first question for it. */
export function createNetwork(settings: CertificateSettings = {}): Network {
  return {
    connect,
    lookup,
    certificate: async (request, signal) => await readCertificate(settings, request, signal),
  };
}
