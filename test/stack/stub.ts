import { createServer } from "node:http";

// Stands where a program of the platform is not written yet: healthy, and nothing else.
const server = createServer((request, reply) => {
  reply.writeHead(request.url === "/health" ? 200 : 404, { "Content-Type": "application/json" });
  reply.end(JSON.stringify({ service: process.env["SERVICE"], status: "stub" }));
});
server.listen(Number(process.env["PORT"]));
process.once("SIGTERM", () => process.exit(0));
