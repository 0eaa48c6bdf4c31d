// What is seen while a stretch is done: picture, clock, cues and caption. Part of the module that
// client.py puts together.

/** The stage: `show` fills it from a feedback, `caption` writes below the picture. */
class Stage {
  constructor() {
    this.bones = [];
    this.video = make("video", { muted: true, playsinline: true, "aria-hidden": "true" });
    this.video.muted = true; // the attribute alone does not let it play by itself
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.phase = make("span", { class: "pc-phase" });
    this.clock = make("span", { class: "pc-seconds" });
    this.target = make("span", { class: "pc-target" });
    this.bar = make("span", { class: "pc-bar" });
    this.captionText = make("p", { class: "pc-caption", role: "status", "aria-live": "polite" });
    this.cues = make("ul", { class: "pc-cues", "aria-label": "Cues" });
    this.picture = make("div", { class: "pc-picture" }, this.video, this.canvas);
    const track = make("span", { class: "pc-track", "aria-hidden": "true" }, this.bar);
    const timer = make("div", { class: "pc-timer" }, this.phase, this.clock, this.target, track);
    const aside = make("div", { class: "pc-aside" }, timer, this.cues);
    this.element = make("div", { class: "pc-stage" }, this.picture, aside, this.captionText);
  }

  /** As wide and high as the camera's picture. */
  fitPicture() {
    this.picture.style.setProperty("--aspect", this.video.videoWidth / this.video.videoHeight);
  }

  caption(text, kind = "") {
    if (this.shownCaption === text) return;
    this.shownCaption = text;
    this.captionText.dataset.kind = kind;
    const sign = make("span", { class: "pc-sign", "aria-hidden": "true" }, LOOKS.message[kind] ?? "");
    this.captionText.replaceChildren(...(LOOKS.message[kind] ? [sign] : []), text);
  }

  show(feedback) {
    this.showClock(feedback);
    this.showCues(feedback?.cues ?? []);
    const canvas = this.canvas;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    canvas.width = Math.round(canvas.clientWidth * ratio);
    canvas.height = Math.round(canvas.clientHeight * ratio);
    if (feedback) drawFeedback(canvas, feedback, this.bones);
  }

  showClock(feedback) {
    const clock = feedback?.clock;
    this.phase.textContent = feedback ? PHASE[feedback.phase] : "";
    const { done, asked, unit } = progress(feedback);
    this.clock.textContent = done === null ? "" : `${done}${unit}`;
    const goal = asked ? `of ${asked}${unit || " reps"}` : "";
    const side = clock?.side ? `${clock.side} side` : "";
    const set = clock && clock.sets > 1 ? `set ${clock.set_number} of ${clock.sets}` : "";
    this.target.textContent = [goal, side, set].filter(Boolean).join(" · ");
    this.bar.style.width = asked ? `${Math.min(100, (100 * done) / asked)}%` : "0";
  }

  showCues(cues) {
    const shown = JSON.stringify(cues);
    if (shown === this.shownCues) return;
    this.shownCues = shown;
    const item = ({ status, title, text }) => {
      const look = LOOKS.status[status];
      const sign = make("span", { class: "pc-sign", "aria-label": look.word }, look.sign);
      return make("li", { "data-status": status }, sign, `${title} ${text}`);
    };
    this.cues.replaceChildren(...cues.map(item));
  }
}

/** What the large number is: seconds held or of rest, or reps; and how many are asked for. */
function progress(feedback) {
  if (!feedback) return { done: null, asked: null, unit: "" };
  const { clock, phase } = feedback;
  if (phase === "rest") return { done: Math.ceil(clock.rest_left_s), asked: null, unit: " s" };
  if (clock.target_reps !== null) return { done: clock.reps, asked: clock.target_reps, unit: "" };
  const asked = clock.target_s === null ? null : Math.round(clock.target_s);
  return { done: Math.floor(clock.held_s), asked, unit: " s" };
}
