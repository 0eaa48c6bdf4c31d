// The live coach in an element: camera, buttons, captions, voice. Part of the module that client.py
// puts together.
//
// A transport carries the messages that session.py describes: `send(message, bytes)` and
// `listen(onMessage, onLost)`; `onThisMachine` tells whether bytes cost nothing. Nothing is fetched
// from anywhere, and the pictures go to the Python process at the other end only.

const IN_FLIGHT = 2; // where the way is long; on one machine the next picture need not wait there
const SILENCE_MS = 8000; // a kernel that was restarted says nothing at all
const ALIVE_MS = 2000;
const POLL_MS = 15;
const DONE_MS = 6000; // when the dose is done: time to hear it, then the report

/** The coach in an element; `close` releases the camera. */
class Coach {
  constructor(root, transport) {
    this.transport = transport;
    this.bones = [];
    this.build(root);
    this.setState("idle");
    this.view = null;
    this.unansweredSince = null;
    transport.listen((message) => this.receive(message), () => this.shut(WORDS.lost));
    transport.send({ kind: "hello" });
    this.ticking = setInterval(() => this.tick(), POLL_MS);
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    window.addEventListener("keydown", (event) => this.onKey(event), { signal });
    window.addEventListener("pagehide", () => this.camera.close(), { signal });
  }

  close() {
    clearInterval(this.ticking);
    this.leaving.abort();
    this.camera.close();
    this.hush();
  }

  // --- what is on the screen ---------------------------------------------------------------------

  build(root) {
    const button = (name, text, onclick) =>
      make("button", { type: "button", class: `pc-${name}`, onclick }, text);
    this.title = make("h2", {});
    this.intro = make("div", { class: "pc-intro" });
    this.error = make("p", { class: "pc-error", role: "alert" });
    this.video = make("video", { muted: true, playsinline: true, "aria-hidden": "true" });
    this.video.muted = true; // the attribute alone does not let it play by itself
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.phase = make("span", { class: "pc-phase" });
    this.clock = make("span", { class: "pc-seconds" });
    this.target = make("span", { class: "pc-target" });
    this.bar = make("span", { class: "pc-bar" });
    this.caption = make("p", { class: "pc-caption", role: "status", "aria-live": "polite" });
    this.cues = make("ul", { class: "pc-cues", "aria-label": "Cues" });
    this.picture = make("div", { class: "pc-picture" }, this.video, this.canvas);
    const track = make("span", { class: "pc-track", "aria-hidden": "true" }, this.bar);
    const timer = make("div", { class: "pc-timer" }, this.phase, this.clock, this.target, track);
    const aside = make("div", { class: "pc-aside" }, timer, this.cues);
    this.stage = make("div", { class: "pc-stage" }, this.picture, aside, this.caption);
    this.startButton = button("start", "▶ Start", () => this.start());
    this.pauseButton = button("pause", "❚❚ Pause", () => this.pauseOrGoOn());
    this.stopButton = button("stop", "■ Stop", () => this.stop());
    this.fullButton = button("full", "Full screen", () => this.fullScreen());
    this.muteButton = button("mute", "", () => this.setMuted(!this.muted));
    this.shutter = new Shutter(this.video);
    const cameraMenu = menu([["", "any"]], () => this.changeCamera());
    this.camera = new Camera(this.video, cameraMenu, () => this.unplugged());
    this.sideMenu = menu([["", "both, one after the other"], ["left", "left"], ["right", "right"]]);
    this.painMenu = menu([["", "not said"], ...UP_TO_10.map((n) => [n, painName(n)])]);
    this.sideLabel = make("label", {}, "Side ", this.sideMenu);
    const pain = make("label", {}, "Pain before ", this.painMenu);
    const camera = make("label", {}, "Camera ", cameraMenu);
    const choices = make("div", { class: "pc-choices" }, this.sideLabel, pain, camera,
      this.muteButton, this.fullButton);
    const hurts = make("strong", { class: "pc-hurts" }, "Stop if it hurts",
      make("span", {}, " (key S or Esc)"));
    const controls = make("div", { class: "pc-controls" }, this.startButton, this.pauseButton,
      this.stopButton, hurts);
    this.end = make("div", { class: "pc-end" });
    // JupyterLab has shortcuts of its own for single letters.
    const ours = { "aria-label": "posecheck live coach", "data-lm-suppress-shortcuts": "true" };
    this.root = make("section", { class: "posecheck-coach", ...ours }, this.title, this.intro,
      this.error, controls, this.stage, choices, this.end);
    this.sideLabel.hidden = true;
    this.setMuted(false);
    root.replaceChildren(this.root);
  }

  setState(state) {
    this.state = state;
    this.root.dataset.state = state;
    const on = state === "running" || state === "paused";
    const busy = on || state === "opening" || state === "finishing";
    this.startButton.hidden = busy;
    this.startButton.textContent = state === "ended" ? "▶ Start again" : "▶ Start";
    this.pauseButton.hidden = !busy;
    this.pauseButton.disabled = !on;
    this.pauseButton.textContent = state === "paused" ? "▶ Go on" : "❚❚ Pause";
    this.stopButton.disabled = !on && state !== "opening";
    for (const choice of [this.sideMenu, this.painMenu]) choice.disabled = busy;
    this.intro.hidden = busy || state === "ended";
    this.end.hidden = state !== "ended";
    this.stage.hidden = !busy;
    this.fullButton.hidden = !busy;
  }

  say(caption, kind = "") {
    if (this.shownCaption === caption) return;
    this.shownCaption = caption;
    this.caption.dataset.kind = kind;
    const sign = make("span", { class: "pc-sign", "aria-hidden": "true" }, KIND_SIGN[kind] ?? "");
    this.caption.replaceChildren(...(KIND_SIGN[kind] ? [sign] : []), caption);
  }

  setUp({ stretch, side, safety, bones }) {
    this.bones = bones;
    this.eachSide = stretch.each_side;
    this.sideLabel.hidden = !this.eachSide;
    this.sideMenu.value = side ?? "";
    this.title.textContent = stretch.name;
    const each = this.eachSide ? " each side" : "";
    const dose = stretch.dose.length ? ` Asked for: ${stretch.dose.join(", or ")}${each}.` : "";
    this.intro.replaceChildren(
      make("p", {}, stretch.how),
      make("p", {}, make("b", {}, "The camera: "), `${stretch.film}${dose}`),
      make("ul", { class: "pc-safety" }, ...safety.map((text) => make("li", {}, text))),
    );
  }

  setMuted(muted) {
    this.muted = muted;
    if (muted) this.hush();
    this.muteButton.textContent = muted ? "Voice is off" : "Voice is on";
    this.muteButton.setAttribute("aria-pressed", String(!muted));
  }

  speak(words) {
    if (this.muted || !("speechSynthesis" in window)) return;
    if (speechSynthesis.pending) speechSynthesis.cancel(); // what waits is out of date
    const utterance = new SpeechSynthesisUtterance(words);
    utterance.lang = "en";
    speechSynthesis.speak(utterance);
  }

  hush() {
    if ("speechSynthesis" in window) speechSynthesis.cancel();
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen();
  }

  onKey(event) {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable=true]");
    if (!this.isOn() || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = {
      s: () => this.stop(),
      escape: () => this.stop(),
      m: () => this.setMuted(!this.muted),
      f: () => this.fullScreen(),
    }[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }

  // --- start, pause, stop ------------------------------------------------------------------------

  isOn() {
    return ["opening", "running", "paused"].includes(this.state);
  }

  /** Send what wants an answer; one that does not come within a time means that nobody is there. */
  ask(message, bytes) {
    this.unansweredSince ??= performance.now();
    this.transport.send({ ...message, view: this.view }, bytes);
  }

  async start() {
    this.view = crypto.randomUUID?.() ?? String(Math.random());
    this.began = performance.now();
    this.sent = this.answered = 0;
    this.doneSince = null;
    this.error.textContent = "";
    this.speak(""); // browsers speak later only if the first word came with a click
    this.setState("opening");
    this.showFeedback(null);
    this.say("Starting the camera …");
    this.stopButton.focus();
    try {
      if (!(await this.camera.open())) return;
    } catch (error) {
      return this.fail(cameraWords(error));
    }
    this.fitPicture();
    this.unansweredSince = null;
    this.ask({ kind: "start", side: this.sideMenu.value || null });
    this.setState("running");
    this.root.scrollIntoView({ block: "start" }); // all of it is to be seen from the mat
  }

  fitPicture() {
    this.picture.style.setProperty("--aspect", this.video.videoWidth / this.video.videoHeight);
  }

  /** Another camera has another view and size: what was seen by the first does not go on. */
  changeCamera() {
    if (this.isOn()) this.start();
  }

  unplugged() {
    if (this.state === "running") this.pause();
    this.error.textContent = WORDS.unplugged;
    this.speak("The camera is gone.");
  }

  pause() {
    this.transport.send({ kind: "pause", view: this.view });
    this.setState("paused");
    this.hush();
    this.say("Paused");
  }

  async pauseOrGoOn() {
    if (this.state === "running") return this.pause();
    this.error.textContent = "";
    try {
      if (!this.camera.isOpen && !(await this.camera.open())) return;
    } catch (error) {
      this.error.textContent = cameraWords(error);
      return;
    }
    this.sent = this.answered; // what was under way before the pause gets no answer
    this.setState("running");
  }

  stop() {
    if (this.state === "opening") return this.toIdle();
    this.camera.close();
    this.hush();
    this.setState("finishing");
    this.say("One moment …");
    this.unansweredSince = null;
    this.ask({ kind: "stop" });
  }

  toIdle() {
    const focused = this.root.contains(document.activeElement);
    this.camera.close();
    this.hush();
    if (document.fullscreenElement === this.root) document.exitFullscreen();
    this.setState("idle");
    if (focused) this.startButton.focus();
  }

  /** It cannot go on: the camera is released, and a sentence says why. */
  fail(text) {
    const wasOn = this.isOn();
    if (this.state !== "ended") this.toIdle();
    this.error.textContent = text;
    if (wasOn) this.speak("It has stopped. Look at the screen.");
  }

  /** There is nobody to talk to any more; the first reason is the one to show. */
  shut(text) {
    if (this.startButton.disabled) return;
    this.fail(text);
    this.startButton.disabled = true;
  }

  // --- messages ----------------------------------------------------------------------------------

  tick() {
    const now = performance.now();
    if (!["running", "paused", "finishing"].includes(this.state)) return;
    if (this.unansweredSince !== null && now - this.unansweredSince > SILENCE_MS) {
      return this.fail(WORDS.silent);
    }
    if (now - (this.asked ?? 0) > ALIVE_MS) {
      this.asked = now;
      this.ask({ kind: "alive" });
    }
    const done = this.doneSince !== null && now - this.doneSince > DONE_MS;
    if (done && this.state === "running") this.stop();
    else this.sendFrame();
  }

  /** Send the newest picture, if there is a new one and not too many are under way. */
  async sendFrame() {
    const { video } = this;
    const here = this.transport.onThisMachine;
    const fresh = video.readyState >= 2 && video.currentTime !== this.lastTime;
    const full = this.taking || this.sent - this.answered >= (here ? 1 : IN_FLIGHT);
    if (this.state !== "running" || !fresh || full) return;
    this.taking = true; // one at a time, so that none can overtake the one before
    const view = this.view;
    const taken = performance.now();
    this.lastTime = video.currentTime;
    try {
      const [form, bytes] = (await this.shutter.take(here)) ?? [];
      if (view === this.view && this.state === "running" && bytes) {
        this.sent += 1;
        this.ask({ kind: "frame", n: this.sent, t_s: (taken - this.began) / 1000, ...form }, bytes);
      }
    } finally {
      this.taking = false;
    }
  }

  receive(message) {
    if (message.view != null && message.view !== this.view) return; // meant for another place
    this.unansweredSince = null;
    const { kind } = message;
    if (kind === "setup") this.setUp(message);
    else if (kind === "loading" && this.state === "running") this.say("Getting ready …");
    else if (kind === "feedback") this.onFeedback(message);
    else if (kind === "stopped") this.onStopped();
    else if (kind === "report") this.showReport(message.html);
    else if (kind === "saved") this.savedText.textContent = message.text;
    else if (kind === "moved") this.fail(WORDS.moved);
    else if (kind === "closed") this.shut(message.text);
    else if (kind === "error" && message.over) this.fail(message.text);
    else if (kind === "error") this.error.textContent = message.text;
  }

  onFeedback({ n, feedback }) {
    this.answered = n;
    if (this.state !== "running") return;
    // For benchmarks/live_cell.py: from the picture to what it led to.
    const taken = this.began + 1000 * feedback.t_s;
    this.root.dispatchEvent(new CustomEvent("pc-answer", { detail: performance.now() - taken }));
    this.showFeedback(feedback);
    this.say(feedback.message?.text ?? "", feedback.message?.kind);
    if (feedback.say) this.speak(feedback.say);
    this.doneSince = feedback.phase === "done" ? (this.doneSince ?? performance.now()) : null;
    this.sendFrame();
  }

  // --- the end -----------------------------------------------------------------------------------

  /** Here or from Python: then the camera is still on. */
  onStopped() {
    this.camera.close();
    this.hush();
    this.askPain();
  }

  askPain() {
    if (document.fullscreenElement === this.root) document.exitFullscreen();
    const answer = (after, chosen) => {
      for (const one of [...buttons, skip]) one.setAttribute("aria-pressed", one === chosen);
      const before = this.painMenu.value === "" ? null : Number(this.painMenu.value);
      this.transport.send({ kind: "pain", view: this.view, before, after });
    };
    const button = (n, text, name) => {
      const one = make("button", { type: "button", "aria-label": name }, text);
      one.addEventListener("click", () => answer(n, one));
      return one;
    };
    const buttons = UP_TO_10.map((n) => button(n, String(n), painName(n)));
    const skip = button(null, "Rather not say", null);
    const question = make("legend", {}, "How much does it hurt now?");
    const row = ["not at all ", ...buttons, " as much as can be ", skip];
    this.report = make("div", { class: "pc-report" });
    this.end.replaceChildren(make("fieldset", { class: "pc-pain" }, question, ...row), this.report);
    this.setState("ended");
    buttons[0].focus();
  }

  showReport(html) {
    // A frame of its own: the report's style and ours do not meet, and no script in it runs.
    const frame = make("iframe", { title: "Report", sandbox: "allow-same-origin" });
    frame.addEventListener("load", () => {
      frame.style.height = `${frame.contentDocument.documentElement.scrollHeight + 4}px`;
    });
    frame.srcdoc = html;
    const name = make("input", { type: "text", value: this.person ?? "me" });
    this.savedText = make("span", { role: "status" });
    const save = (event) => {
      event.preventDefault();
      this.person = name.value;
      this.error.textContent = "";
      this.transport.send({ kind: "save", view: this.view, person: name.value });
    };
    const label = make("label", {}, "Keep this session for ", name);
    const button = make("button", { type: "submit" }, "Save");
    const form = make("form", { class: "pc-save", onsubmit: save }, label, button, this.savedText);
    this.report.replaceChildren(frame, form);
  }

  // --- drawing -----------------------------------------------------------------------------------

  showFeedback(feedback) {
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
      const sign = make("span", { class: "pc-sign", "aria-label": MEANS[status] }, SIGN[status]);
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
