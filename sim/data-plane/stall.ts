import { copyOutcome, createOutcome, type Outcome, setNothing } from './outcome.ts';

/** An outcome of which everything takes `ms` longer, and so counts as slow. */
export function setStalled(out: Outcome, from: Outcome, ms: number): void {
  setNothing(out);
  const ok = from.okShare + from.slowOkShare;
  if (ok > 0) {
    const part = from.slowOkShare / ok;
    const gap = from.slowOkMs - from.okMs;
    out.slowOkShare = ok;
    out.slowOkMs = from.okMs + part * gap + ms;
    out.slowOkVarianceMs2 =
      (1 - part) * from.okVarianceMs2 +
      part * from.slowOkVarianceMs2 +
      part * (1 - part) * gap * gap;
    out.slowOkMinMs = from.okShare > 0 ? ms : from.slowOkMinMs + ms;
    out.slowOkMaxMs = longest(from.okMs, from.okVarianceMs2, from.slowOkMaxMs) + ms;
  }
  const error = from.errorShare + from.slowErrorShare;
  if (error > 0) {
    const part = from.slowErrorShare / error;
    const gap = from.slowErrorMs - from.errorMs;
    out.slowErrorShare = error;
    out.slowErrorMs = from.errorMs + part * gap + ms;
    out.slowErrorVarianceMs2 =
      (1 - part) * from.errorVarianceMs2 +
      part * from.slowErrorVarianceMs2 +
      part * (1 - part) * gap * gap;
    out.slowErrorMinMs = from.errorShare > 0 ? ms : from.slowErrorMinMs + ms;
    out.slowErrorMaxMs = longest(from.errorMs, from.errorVarianceMs2, from.slowErrorMaxMs) + ms;
  }
}

/** Quick ways have no longest; two standard deviations above the mean stand for it. */
function longest(quickMs: number, varianceMs2: number, slowMaxMs: number): number {
  return Math.max(quickMs + 2 * Math.sqrt(varianceMs2), slowMaxMs);
}

const late: Outcome = createOutcome();
const usual: Outcome = createOutcome();

/** Lets a share of everything take `ms` longer. */
export function addStall(out: Outcome, { share, ms }: { share: number; ms: number }): void {
  copyOutcome(usual, out);
  setStalled(late, out, ms);
  const kept = 1 - share;
  out.okShare = kept * usual.okShare;
  out.errorShare = kept * usual.errorShare;
  const slowOk = kept * usual.slowOkShare + share * late.slowOkShare;
  if (slowOk > 0) {
    const part = (share * late.slowOkShare) / slowOk;
    const gap = late.slowOkMs - usual.slowOkMs;
    out.slowOkMs = usual.slowOkMs + part * gap;
    out.slowOkVarianceMs2 =
      (1 - part) * usual.slowOkVarianceMs2 +
      part * late.slowOkVarianceMs2 +
      part * (1 - part) * gap * gap;
    out.slowOkMinMs =
      usual.slowOkShare > 0 ? Math.min(usual.slowOkMinMs, late.slowOkMinMs) : late.slowOkMinMs;
    out.slowOkMaxMs = Math.max(usual.slowOkMaxMs, late.slowOkMaxMs);
  }
  out.slowOkShare = slowOk;
  const slowError = kept * usual.slowErrorShare + share * late.slowErrorShare;
  if (slowError > 0) {
    const part = (share * late.slowErrorShare) / slowError;
    const gap = late.slowErrorMs - usual.slowErrorMs;
    out.slowErrorMs = usual.slowErrorMs + part * gap;
    out.slowErrorVarianceMs2 =
      (1 - part) * usual.slowErrorVarianceMs2 +
      part * late.slowErrorVarianceMs2 +
      part * (1 - part) * gap * gap;
    out.slowErrorMinMs =
      usual.slowErrorShare > 0
        ? Math.min(usual.slowErrorMinMs, late.slowErrorMinMs)
        : late.slowErrorMinMs;
    out.slowErrorMaxMs = Math.max(usual.slowErrorMaxMs, late.slowErrorMaxMs);
  }
  out.slowErrorShare = slowError;
}
