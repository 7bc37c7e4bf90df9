/** What of pg's connection a COPY uses. */
interface Wire {
  query(text: string): void;
  sendCopyFail(message: string): void;
}

/** `COPY … TO STDOUT` in the shape pg's client runs; its bytes are handed on as they come. */
export class CopyRun {
  readonly done: Promise<void>;
  private readonly text: string;
  private readonly onPiece: (piece: Uint8Array) => void;
  private resolve: () => void = () => {};
  private reject: (error: unknown) => void = () => {};

  constructor(text: string, onPiece: (piece: Uint8Array) => void) {
    this.text = text;
    this.onPiece = onPiece;
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  submit(wire: Wire): void {
    wire.query(this.text);
  }

  handleCopyData({ chunk }: { readonly chunk: Uint8Array }): void {
    this.onPiece(chunk);
  }

  handleCopyInResponse(wire: Wire): void {
    wire.sendCopyFail("there is no data to copy");
  }

  handleRowDescription(): void {}

  handleDataRow(): void {}

  handlePortalSuspended(): void {}

  handleCommandComplete(): void {}

  handleEmptyQuery(): void {}

  handleReadyForQuery(): void {
    this.resolve();
  }

  handleError(error: unknown): void {
    this.reject(error);
  }
}
