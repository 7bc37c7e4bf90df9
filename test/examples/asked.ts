/** What reached the stand-in, in order: `api POST /api/agents/OPX/restart`, `systemctl restart -- adaf-api.service`. */
export class Asked {
  readonly all: string[] = [];
  /** What nobody of this platform understands: a test that leaves something here is red. */
  readonly wrong: string[] = [];
  private readonly changing: string[] = [];

  read(what: string): void {
    this.all.push(what);
  }

  change(what: string): void {
    this.all.push(what);
    this.changing.push(what);
  }

  /** @returns what the one that was asked says of it */
  refuse(what: string): string {
    this.wrong.push(what);
    return `the stand-in does not know ${what}`;
  }

  /** Everything that could have changed something, in order. */
  get changes(): readonly string[] {
    return this.changing;
  }

  forget(): void {
    this.all.length = 0;
    this.changing.length = 0;
  }
}
