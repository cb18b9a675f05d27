// @ts-check
// The time line of a trace: where a moment is, as a share of the width. Long idle times are shortened.

/** @import { Trace } from "./types" */

const LINEAR_UP_TO_MS = 10_000;
const KEPT_MS = 1000;
const FOR_EACH_TENFOLD_MS = 250;

/** @typedef {{ at: (ms: number) => number, cuts: { at: number, ms: number }[] }} Scale */

/** Moments of a trace → shares of its width, from 0 to 1; `cuts` are the idle times that were shortened.
 * @param {Trace} trace
 * @returns {Scale}
 */
export function scaleOf(trace) {
  const points = [0, trace.durationMs || 1];
  if (trace.durationMs > LINEAR_UP_TO_MS) {
    for (const { startMs, durationMs } of trace.hops) points.push(startMs, startMs + (durationMs || 0));
  }
  const moments = [...new Set(points)].sort((a, b) => a - b);
  const cuts = [];
  const places = [0];
  for (let index = 1; index < moments.length; index++) {
    const length = moments[index] - moments[index - 1];
    const linear = trace.durationMs <= LINEAR_UP_TO_MS || length <= KEPT_MS;
    const shown = linear ? length : KEPT_MS + FOR_EACH_TENFOLD_MS * Math.log10(length / KEPT_MS);
    if (!linear) cuts.push({ at: places[index - 1] + shown / 2, ms: length });
    places.push(places[index - 1] + shown);
  }
  const whole = places[places.length - 1] || 1;
  /** @param {number} ms */
  const at = (ms) => {
    const next = moments.findIndex((moment) => moment >= ms);
    if (next === 0) return 0;
    if (next < 0) return 1;
    const [from, to] = [moments[next - 1], moments[next]];
    const share = (ms - from) / (to - from);
    return (places[next - 1] + share * (places[next] - places[next - 1])) / whole;
  };
  return { at, cuts: cuts.map((cut) => ({ at: cut.at / whole, ms: cut.ms })) };
}
