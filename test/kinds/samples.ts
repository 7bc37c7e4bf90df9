import type { Json } from "../../src/base/json.ts";

/**
 * Arguments of every kind, as a runbook would have them, with the optional ones given. A secret stands as
 * `${secrets.CANARY}` wherever the kind takes one. A new kind adds its line here.
 */
export const samples: Readonly<Record<string, Json>> = {
  ask: { question: "Call the exchange's desk", choices: ["done", "nobody answers"] },
  "dns.lookup": { name: "db1.internal", server: "10.0.0.2" },
  checklist: { Venues: ["Routes are quoted", "Orders fill"], Compliance: ["Transactions are screened"] },
  exec: { command: ["systemctl", "restart", "gateway"], ...surroundings(), accept: [0, 3] },
  "exec.read": { command: ["df", "--output=pcent", "/"] },
  "file.read": { file: "logs/deploy.txt", max_bytes: 1000 },
  "file.search": { file: "logs/api.log", match: '" 5\\d\\d |ERROR', since: "10m" },
  "http.delete": { ...request(), accept: [204, 404], undo: undo() },
  "http.get": { ...request(), max_bytes: 1000 },
  "http.head": request(),
  "http.patch": { ...request(), body: "a=1", before: "http://localhost:3001/api/hold" },
  "http.post": { ...request(), json: { regime: "RISK_OFF", for: 3600, all: true }, undo: undo() },
  "http.put": { ...request(), form: { regime: "RISK_OFF" } },
  "incident.fact": { name: "users", value: "1200", at: "5m ago", measured: true },
  "incident.note": { text: "gateway restarted", at: "09:50", decision: true },
  "incident.role": { person: "bob", role: "scribe" },
  "incident.severity": { to: "P0", why: "all venues now" },
  "incident.status": {},
  "kafka.config.set": {
    topic: "market-regime",
    set: { "retention.ms": "3600000" },
    remove: ["segment.ms"],
    protect: ["ledger*"],
  },
  "kafka.group": "market-sentinel-group",
  "kafka.lag": { groups: ["orders", "fills"] },
  "kafka.offsets.set": {
    group: "market-sentinel-group",
    topic: "market-regime",
    to: "latest",
    partitions: [0],
  },
  "kafka.ping": {},
  "kafka.read": { topic: "market-regime", count: 5 },
  "kafka.records.delete": { topic: "market-regime", protect: ["ledger*"] },
  "kafka.topic": "market-regime",
  "kafka.topics": {},
  "metrics.scrape": {
    url: "http://localhost:3001/metrics",
    select: { errors: 'req{status=~"5.."}', all: "req" },
    over: "10s",
    headers: { "X-Key": "${secrets.CANARY}" },
    token: "${secrets.CANARY}",
  },
  page: { who: "risk", text: "please join" },
  "postgres.activity": { older: "5m" },
  "postgres.cancel": { roles: ["lav"], older: "10m", applications: ["gateway@*"], spare: ["report*"] },
  "postgres.ping": {},
  "postgres.role_limit": { role: "lav", limit: 40 },
  "postgres.setting": { name: "max_connections", value: "200" },
  "postgres.terminate": { roles: ["lav"], older: "10m", applications: ["gateway@*"], spare: ["report*"] },
  "prometheus.alerts": ["APIDown", "APISlow"],
  "prometheus.query": 'sum(rate(req{status=~"5.."}[5m]))',
  "redis.del": ["regime:hold", "regime:until"],
  "redis.get": { key: "regime:current", max_items: 10 },
  "redis.info": "memory",
  "redis.ping": {},
  "redis.read": ["HGET", "regime", "current"],
  "redis.restore": { key: "regime:hold", dump: "AAFhCwA=", expires_at: 1_790_000_000_000 },
  "redis.set": { key: "regime:hold", value: "RISK_OFF", ttl: "1h" },
  "regime.hold": { ...desk(), regime: "RISK_OFF", for: "1h" },
  "risk.close": { ...desk(), position: "POS-1" },
  "risk.reduce": { ...desk(), part: 0.5, within: "5m" },
  "routing.mode": { ...desk(), mode: "CONSERVATIVE", for: "1h" },
  "service.inspect": "gateway",
  "service.logs": { service: "gateway", tail: 50, since: "5m" },
  "service.recreate": "gateway",
  "service.restart": "gateway",
  "service.scale": { service: "gateway", replicas: 3 },
  "service.start": { service: "gateway", only: ["lav-gateway-1"] },
  "service.stop": "gateway",
  shell: { script: 'echo "$TOKEN" | wc -c', ...surroundings() },
  "sql.exec": {
    sql: "UPDATE limits SET factor = $1 WHERE desk = $2",
    params: [2, "eu"],
    preview: { sql: "SELECT desk FROM limits WHERE desk = $1", params: ["eu"], moving: ["seen"] },
    undo: { sql: "UPDATE limits SET factor = $1 WHERE desk = $2", params: [1, "eu"] },
  },
  "sql.query": { sql: "SELECT $1::int AS one", params: [1] },
  "tcp.connect": "db1.internal:5432",
  "tls.certificate": { address: "10.0.0.7:8443", name: "api.internal", ca: "authority.pem" },
  "trading.halt": {
    reason: "risk limits breached",
    scope: "venue:ATLAS",
    incident: "INC-2026-0001",
    token: "${secrets.CANARY}",
  },
  "trading.proof": { scope: "strategy:carry", window: "2s" },
  "snapshot.take": "30m",
  "trading.positions": {},
  "trading.resume": { stage: "venue", venue: "ATLAS", token: "${secrets.CANARY}" },
  "trading.status": {},
  update: { text: "half of the venues are back", to: "stakeholders" },
  "venues.disable": { ...desk(), venues: ["ATLAS", "BOREAL"] },
  "venues.enable": { ...desk(), venues: ["ATLAS"] },
  wait: "90s",
};

/** @throws when a kind has no line above */
export function sampleOf(kind: string): Json {
  const sample = samples[kind];
  if (sample === undefined) throw new Error(`test/kinds/samples.ts has no line for ${kind}`);
  return sample;
}

function request() {
  return {
    url: "http://localhost:3001/api/hold",
    query: { desk: "eu & us" },
    headers: { "X-Key": "${secrets.CANARY}" },
    token: "${secrets.CANARY}",
  };
}

function desk() {
  return { url: "http://localhost:3003", token: "${secrets.CANARY}" };
}

function undo() {
  return { method: "DELETE", url: "http://localhost:3001/api/hold", json: { all: true } };
}

function surroundings() {
  return { env: { TOKEN: "${secrets.CANARY}", MODE: "safe" }, cwd: "/srv", stdin: "yes" };
}
