export interface Metrics {
  /** Adds to a counter. */
  count(name: string, by?: number, labels?: Readonly<Record<string, string>>): void;
  /** A value read when the metrics are. */
  gauge(name: string, read: () => number): void;
  /** Prometheus' text format 0.0.4. */
  text(): string;
}

export function createMetrics(): Metrics {
  const counters = new Map<string, Map<string, number>>();
  const gauges = new Map<string, () => number>();
  return {
    count(name, by = 1, labels = {}) {
      const series = counters.get(name) ?? new Map<string, number>();
      counters.set(name, series);
      const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
      const key = pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
      series.set(key, (series.get(key) ?? 0) + by);
    },
    gauge: (name, read) => void gauges.set(name, read),
    text() {
      const lines: string[] = [];
      for (const [name, series] of counters) {
        lines.push(`# TYPE ${name} counter`);
        for (const [labels, value] of series) lines.push(`${name}${labels} ${value}`);
      }
      for (const [name, read] of gauges) lines.push(`# TYPE ${name} gauge`, `${name} ${read()}`);
      return `${lines.join("\n")}\n`;
    },
  };
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
