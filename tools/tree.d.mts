export function descendants(...roots: readonly number[]): number[];
export function endAll(pids: readonly number[], within?: number): Promise<void>;
export function processes(): number[];
export function lives(pid: number): boolean;
