import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../../src/secrets/secret.ts";

/** Files of one certificate, and what stands in them. */
export interface Issued {
  readonly certFile: string;
  readonly keyFile: string;
  /** Key and certificate in one file, as Kafka takes them. */
  readonly bothFile: string;
  readonly cert: string;
  readonly key: Secret;
}

export interface Wanted {
  /** Of the subject; 127.0.0.1 and localhost unless it says otherwise. */
  readonly name?: string;
  /** `DNS:other`, `IP:127.0.0.1`. */
  readonly for?: string;
  readonly expired?: boolean;
  readonly future?: boolean;
  /** How long it is good for; 2 when left out. */
  readonly days?: number;
}

/** A private authority in a folder of its own, made by openssl, gone with `await using`. */
export class Authority implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "lav-authority-"));
  readonly caFile = join(this.folder, "ca.pem");
  readonly ca: string;
  private count = 0;

  constructor(name = "test authority") {
    const key = [
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-keyout",
      this.at("ca.key"),
    ];
    this.openssl("req", "-x509", ...key, "-out", this.caFile, "-subj", `/CN=${name}`, "-days", "2");
    this.ca = readFileSync(this.caFile, "utf8");
    writeFileSync(this.at("index.txt"), "");
    writeFileSync(this.at("serial"), "1000\n");
  }

  issue({
    name = "loopback",
    for: names = "IP:127.0.0.1,DNS:localhost",
    expired,
    future,
    days = 2,
  }: Wanted = {}): Issued {
    const own = `${++this.count}`;
    const [keyFile, request, certFile] = [`${own}.key`, `${own}.csr`, `${own}.pem`].map((file) =>
      this.at(file),
    );
    if (keyFile === undefined || request === undefined || certFile === undefined) throw new Error("no files");
    // A server that runs as another user reads the certificates here; the keys are its owner's.
    chmodSync(this.folder, 0o755);
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", keyFile];
    this.openssl("req", ...key, "-out", request, "-subj", `/CN=${name}`);
    const settings = this.at(`${own}.cnf`);
    writeFileSync(settings, this.settings(names));
    const past = expired === true ? ["20200101000000Z", "20200102000000Z"] : [];
    const [from, until] = future === true ? ["21000101000000Z", "21010101000000Z"] : past;
    const dates =
      from === undefined || until === undefined
        ? ["-days", `${days}`]
        : ["-startdate", from, "-enddate", until];
    this.openssl("ca", "-batch", "-notext", "-config", settings, "-in", request, "-out", certFile, ...dates);
    const bothFile = this.at(`${own}-both.pem`);
    const [keyText, cert] = [readFileSync(keyFile, "utf8"), readFileSync(certFile, "utf8")];
    writeFileSync(bothFile, `${keyText}${cert}`);
    return { keyFile, certFile, bothFile, cert, key: new Secret(keyFile, keyText) };
  }

  private settings(names: string): string {
    return [
      "[ca]\ndefault_ca=own\n[own]",
      `database=${this.at("index.txt")}\nserial=${this.at("serial")}\nnew_certs_dir=${this.folder}`,
      `certificate=${this.caFile}\nprivate_key=${this.at("ca.key")}`,
      "default_md=sha256\nunique_subject=no\npolicy=any\nx509_extensions=more",
      `[any]\ncommonName=supplied\n[more]\nsubjectAltName=${names}\n`,
    ].join("\n");
  }

  private at(file: string): string {
    return join(this.folder, file);
  }

  private openssl(...args: readonly string[]): void {
    execFileSync("openssl", args, { stdio: "pipe", cwd: this.folder });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
