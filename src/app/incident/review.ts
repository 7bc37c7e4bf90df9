import { createHash } from "node:crypto";
import { ok, type Result } from "../../base/result.ts";
import { missingFrom, writtenSections, type Missing } from "../../incident/review/check.ts";
import { newReview, regenerated } from "../../incident/review/document.ts";
import { piecesOf, type BrokenMark, type ByteText } from "../../incident/review/marks.ts";
import { reviewModel, type ReviewModel } from "../../incident/review/model.ts";
import { StateFault } from "../../store/state-check.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import type { Scene } from "./scene.ts";

/** A review's file as it is, or is to be. */
export interface ReviewFile {
  readonly path: string;
  /** Undefined: there is none yet. */
  readonly text: ByteText | undefined;
  readonly model: ReviewModel;
}

/** Reads the file of the incident's review. */
export async function readReview(scene: Scene): Promise<Result<ReviewFile, Refusal>> {
  const { store, incident } = scene.place;
  try {
    const { path, bytes } = await store.review(incident);
    return ok({ path, text: bytes?.toString("latin1"), model: reviewModel(scene) });
  } catch (error) {
    return refusal(whyNot(error), "state");
  }
}

/**
 * Makes the generated parts anew, or the whole file where there is none.
 * @returns the file as it is now; nothing was changed where it is refused.
 */
export async function writeReview(scene: Scene, file: ReviewFile): Promise<Result<ReviewFile, Refusal>> {
  const { store, incident } = scene.place;
  const made = file.text === undefined ? ok(newReview(file.model)) : regenerated(file.model, file.text);
  if (!made.ok) return broken(file, made.failure);
  try {
    if (made.value !== file.text) await store.writeReview(incident, Buffer.from(made.value, "latin1"));
    return ok({ ...file, text: made.value });
  } catch (error) {
    return refusal(whyNot(error), "state");
  }
}

/** What keeps the review from being done. */
export function missingIn(file: ReviewFile): Result<readonly Missing[], Refusal> {
  const { text, model } = file;
  if (text === undefined) {
    const none = { what: "there is no review yet", fill: `lav-ir review --incident ${model.status.number}` };
    return ok([none, ...missingFrom(model, undefined)]);
  }
  const pieces = piecesOf(text);
  return pieces.ok ? ok(missingFrom(model, pieces.value)) : broken(file, pieces.failure);
}

/** Puts the review's page beside it. @returns its path */
export async function writePage({ place }: Scene, page: string): Promise<Result<string, Refusal>> {
  try {
    return ok(await place.store.writeReviewPage(place.incident, page));
  } catch (error) {
    return refusal(whyNot(error), "state");
  }
}

/** What people wrote in it, by heading. */
export function writtenIn({ text = "" }: ReviewFile): ReturnType<typeof writtenSections> {
  const pieces = piecesOf(text);
  return pieces.ok ? writtenSections(pieces.value) : [];
}

export function digestOf(text: ByteText): string {
  return createHash("sha256").update(text, "latin1").digest("hex");
}

function broken({ path }: ReviewFile, { line, message }: BrokenMark): Result<never, Refusal> {
  return refusal(`${path}:${line}: ${message}; nothing was changed`, "state");
}

function whyNot(error: unknown): string {
  if (error instanceof StateFault) return error.message;
  return error instanceof Error ? error.message : String(error);
}
