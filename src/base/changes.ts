/** Something that changes, and those who wait for it to be so. */
export class Changes {
  private readonly looks = new Set<() => void>();

  /** Whoever waits looks again. */
  tell(): void {
    for (const look of this.looks) look();
  }

  /** @returns whether it holds: as soon as it does, and after `ms` milliseconds at the latest. */
  async until(holds: () => boolean, ms: number): Promise<boolean> {
    if (holds()) return true;
    return await new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.looks.delete(look);
        resolve(holds());
      };
      const look = (): void => {
        if (holds()) end();
      };
      const timer = setTimeout(end, ms);
      this.looks.add(look);
    });
  }
}
