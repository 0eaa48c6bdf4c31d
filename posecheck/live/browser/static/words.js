// What the live coach shows and says by itself; the rest comes from the engine. Part of the module
// that client.py puts together.

const PHASE = { "set-up": "Set-up", ready: "Ready", hold: "Hold", rest: "Rest", done: "Done" };

const WORDS = {
  denied:
    "The camera was refused. Click the camera sign beside the page's address, allow the camera, " +
    "and press Start again.",
  none: "No camera was found. Plug one in or switch it on, and press Start again.",
  busy:
    "The camera is in use by another program. Close that program, a video call perhaps, and press " +
    "Start again.",
  http:
    "Browsers give no camera to a page that was opened over plain http at an address. Open it at " +
    "http://localhost, or over https, and press Start again.",
  vscode:
    "VS Code gives notebooks no camera. Run coach.page() in a new cell: it opens a page in your " +
    "browser.",
  unplugged:
    "The camera is gone: unplugged, perhaps. Plug it in and press Go on, or Stop for the report.",
  silent:
    "posecheck has not answered for 8 seconds: the kernel was restarted, or is busy. The camera is " +
    "off. Run the cell again.",
  lost: "The connection to posecheck is gone. The camera is off. Run coach.page() again.",
  moved: "This stretch was started in another place, so it stopped here. The camera is off.",
};

/** A number of pain, in words. */
function painName(n) {
  return n === 0 ? "0, none" : n === 10 ? "10, the worst" : String(n);
}
