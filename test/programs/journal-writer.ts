import process from "node:process";
import { createClock } from "../../src/drivers/clock.ts";
import { openJournal } from "../../src/store/journal.ts";

// Writes so many records into a folder's journal, with more of them under way at once than one.
const [folder = "", actor = "", count = "0", shared = ""] = process.argv.slice(2);
try {
  const journal = await openJournal({
    folder,
    actor,
    host: "h",
    clock: createClock(),
    shared: shared === "shared",
  });
  await Promise.all(
    Array.from({ length: Number(count) }, async (_, index) => {
      const text = `${index} ${"x".repeat(100)}`;
      await journal.append({ type: "incident.note", data: { text } }, { sync: index % 10 === 0 });
    }),
  );
  journal.close();
} catch (error) {
  process.stderr.write(
    `${error instanceof Error ? `${error.constructor.name}: ${error.message}` : String(error)}\n`,
  );
  process.exitCode = 1;
}
