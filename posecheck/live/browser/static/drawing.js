// What is drawn over the camera's picture. Part of the module that client.py puts together.

const { ink: INK, bone: BONE, near_bone: NEAR_BONE } = LOOKS.frame;

/** Skeleton and angles over the picture, which is shown as a mirror shows it; text is not. */
function drawFeedback(canvas, feedback, bones) {
  const context = canvas.getContext("2d");
  const size = canvas.height / 100; // everything scales with the picture
  const place = ([x, y]) => [(1 - x) * canvas.width, y * canvas.height];
  const points = feedback.points.map((point) => point && place(point));
  context.lineCap = context.lineJoin = "round";
  const isNear = ([, , side]) => side !== null && side === feedback.near_side;
  for (const bone of [...bones].sort((a, b) => isNear(a) - isNear(b))) {
    const ends = [points[bone[0]], points[bone[1]]];
    if (!ends[0] || !ends[1]) continue;
    const near = isNear(bone);
    line(context, ends, INK, size * (near ? 1.7 : 1));
    line(context, ends, near ? NEAR_BONE : BONE, size * (near ? 1.2 : 0.5));
  }
  const marks = feedback.marks.map((mark) => (
    { ...mark, corners: mark.points.map(place), ...LOOKS.mark[mark.good] }
  ));
  // What is wrong is drawn last, over limbs that two cues share, and labelled first, where it is.
  marks.sort((a, b) => (a.good === false) - (b.good === false));
  for (const mark of marks) drawMark(context, mark, size);
  const taken = [];
  for (const mark of marks.reverse()) {
    const lines = [`${mark.sign} ${mark.text}`.trim(), mark.band];
    label(context, lines, middleOf(mark.corners), mark.colour, size, taken);
  }
}

/** Where an angle is, or the middle of a distance. */
function middleOf(corners) {
  if (corners.length === 3) return corners[1];
  return corners[0].map((value, axis) => (value + corners.at(-1)[axis]) / 2);
}

function drawMark(context, { corners, colour }, size) {
  line(context, corners, INK, size * 1.7);
  line(context, corners, colour, size * 1.1);
  if (corners.length === 3) arc(context, corners, colour, size);
}

function line(context, points, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  points.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
}

function arc(context, [start, vertex, end], colour, size) {
  const [from, to] = [start, end].map(([x, y]) => Math.atan2(y - vertex[1], x - vertex[0]));
  const lengths = [start, end].map(([x, y]) => Math.hypot(x - vertex[0], y - vertex[1]));
  const reach = Math.min(...lengths);
  const sweep = ((to - from + 3 * Math.PI) % (2 * Math.PI)) - Math.PI;
  context.strokeStyle = colour;
  context.lineWidth = size;
  context.beginPath();
  context.arc(vertex[0], vertex[1], 0.35 * reach, from, from + sweep, sweep < 0);
  context.stroke();
}

/** A value over its band on a dark plate beside a point; lower where another one stands already. */
function label(context, [value, band], [x, y], colour, size, taken) {
  const fonts = [`bold ${6 * size}px`, `${3.6 * size}px`].map((font) => `${font} system-ui`);
  const widths = [value, band].map((text, k) => {
    context.font = fonts[k];
    return context.measureText(text).width;
  });
  const width = Math.max(...widths) + 2.4 * size;
  const height = (band ? 12 : 8) * size;
  const left = Math.max(0, Math.min(x + 3 * size, context.canvas.width - width));
  let top = Math.max(0, Math.min(y + 2 * size, context.canvas.height - height));
  const meets = ([otherLeft, otherTop, otherWidth, otherHeight]) =>
    left < otherLeft + otherWidth && left + width > otherLeft &&
    top < otherTop + otherHeight && top + height > otherTop;
  for (let other; (other = taken.find(meets)); ) top = other[1] + other[3] + size / 2;
  taken.push([left, top, width, height]);
  line(context, [[x, y], [left, top + height / 2]], colour, size / 3);
  context.fillStyle = "rgba(25, 25, 25, 0.85)";
  context.fillRect(left, top, width, height);
  context.fillStyle = colour;
  context.fillRect(left, top, 0.8 * size, height);
  context.textBaseline = "top";
  [value, band].forEach((text, k) => {
    context.font = fonts[k];
    context.fillStyle = k ? "#dddddd" : "#ffffff";
    context.fillText(text, left + 1.6 * size, top + (k ? 7.4 : 1) * size);
  });
}
