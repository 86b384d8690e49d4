// What is above the rows: overview, time axis, counters, processors.

function drawStrips(view, g, colours) {
  const bottom = stripsBottom(view);
  g.fillStyle = colours.panel;
  g.fillRect(0, 0, view.width, Layout.overview);
  g.fillStyle = colours.back;
  g.fillRect(0, Layout.overview, view.width, bottom - Layout.overview);
  drawOverview(view, g, colours);
  drawAxis(view, g, colours, Layout.overview);
  g.save();
  g.beginPath();
  g.rect(view.names, 0, view.width, bottom);
  g.clip();
  drawCounts(view, g, colours, Layout.overview + Layout.axis);
  drawLanes(view, g, colours, Layout.overview + Layout.axis + Layout.count);
  if (view.range) {
    const a = Math.min(view.range.a, view.range.b), b = Math.max(view.range.a, view.range.b);
    g.fillStyle = colours.shade;
    g.fillRect(a, 0, b - a, view.height);
  }
  g.restore();
  drawStripNames(view, g, colours);
  g.fillStyle = colours.line;
  g.fillRect(0, bottom - 1, view.width, 1);
}

// How busy the processors were, over the whole run, and which part of it is below.
function drawOverview(view, g, colours) {
  const width = plotWidth(view), end = Math.max(1, view.model.end), height = Layout.overview - 8;
  view.busy ??= {};
  if (view.busy.width !== width) view.busy = { width, share: busyShares(view, Math.floor(width)) };
  g.fillStyle = colours.running;
  const shares = view.busy.share;
  for (let x = 0; x < shares.length; x++) {
    if (shares[x] > 0) g.fillRect(view.names + x, 4 + height * (1 - shares[x]), 1, Math.max(1, height * shares[x]));
  }
  const x0 = view.names + Math.max(0, view.from / end) * width, x1 = view.names + Math.min(1, view.to / end) * width;
  g.fillStyle = colours.back;
  g.globalAlpha = 0.65;
  g.fillRect(view.names, 0, x0 - view.names, Layout.overview);
  g.fillRect(x1, 0, view.width - x1, Layout.overview);
  g.globalAlpha = 1;
  g.strokeStyle = colours.accent;
  g.lineWidth = 1;
  g.strokeRect(x0 + 0.5, 0.5, Math.max(2, x1 - x0 - 1), Layout.overview - 1);
}

function busyShares(view, width) {
  const shares = new Float64Array(width), end = Math.max(1, view.model.end), pixel = end / width;
  for (const lane of view.lanes) {
    for (const slice of lane) {
      const last = Math.min(width - 1, Math.floor(slice.end / pixel));
      for (let x = Math.floor(slice.t / pixel); x <= last; x++) {
        shares[x] += Math.max(0, Math.min(slice.end, (x + 1) * pixel) - Math.max(slice.t, x * pixel));
      }
    }
  }
  return shares.map(s => Math.min(1, s / pixel / view.lanes.length));
}

function drawAxis(view, g, colours, y) {
  const step = axisStep(view);
  g.font = SmallFont;
  for (let time = Math.ceil(view.from / step) * step; time <= view.to; time += step) {
    const x = Math.round(xOf(view, time));
    if (x < view.names) continue;
    g.fillStyle = colours.line;
    g.fillRect(x, y, 1, Layout.axis);
    g.fillStyle = colours.muted;
    const label = pointText(Math.round(time / step) * step, step, view.to);
    if (x + 6 + g.measureText(label).width < view.width) g.fillText(label, x + 4, y + 16);
  }
  if (view.cursor === null || view.cursor < view.names) return;
  g.fillStyle = colours.accent;
  g.globalAlpha = 0.5;
  g.fillRect(view.cursor, y, 1, view.height);
  g.globalAlpha = 1;
}

// Live processes, zombies on top of them, and copied pages as a line with its own scale.
function drawCounts(view, g, colours, y) {
  const counts = view.model.counts, height = Layout.count - 8, bottom = y + height + 4;
  if (counts.t.length === 0) return;
  view.most ??= {
    processes: Math.max(1, counts.live.reduce((most, live, i) => Math.max(most, live + counts.zombies[i]), 0)),
    pages: Math.max(1, counts.pages[counts.pages.length - 1]),
  };
  const first = Math.max(0, lastNotAbove(counts.t, view.from));
  // Points of the same pixel become its highest one, then its last.
  const step = (values, most, close) => {
    const end = Math.min(view.width, xOf(view, view.model.end)), levelOf = value => bottom - value / most * height;
    let level = levelOf(values(first)), x = Math.max(view.names, xOf(view, counts.t[first])), i = first;
    g.beginPath();
    g.moveTo(x, close ? bottom : level);
    while (i < counts.t.length && counts.t[i] <= view.to) {
      x = Math.max(view.names, Math.floor(xOf(view, counts.t[i])));
      let highest = values(i), value = highest;
      for (i++; i < counts.t.length && xOf(view, counts.t[i]) < x + 1; i++) {
        value = values(i);
        highest = Math.max(highest, value);
      }
      g.lineTo(x, level);
      g.lineTo(x, levelOf(highest));
      level = levelOf(value);
      if (value !== highest) g.lineTo(x, level);
    }
    g.lineTo(Math.max(end, x), level);
    if (close) g.lineTo(Math.max(end, x), bottom);
  };
  g.fillStyle = colours.zombie;
  step(i => counts.live[i] + counts.zombies[i], view.most.processes, true);
  g.fill();
  g.fillStyle = colours.live;
  step(i => counts.live[i], view.most.processes, true);
  g.fill();
  g.strokeStyle = colours.pages;
  g.lineWidth = 1.5;
  step(i => counts.pages[i], view.most.pages, false);
  g.stroke();
}

function drawLanes(view, g, colours, y) {
  g.font = SmallFont;
  if (laneCount(view) !== view.lanes.length) {
    drawAllLanes(view, g, colours, y);
    return;
  }
  view.lanes.forEach((lane, cpu) => {
    const top = y + cpu * Layout.lane + 1, height = Layout.lane - 2;
    let covered = 0;
    for (let i = firstInLane(lane, view.from); i < lane.length && lane[i].t <= view.to; i++) {
      const slice = lane[i], x0 = Math.max(view.names, xOf(view, slice.t)), x1 = Math.min(view.width, xOf(view, slice.end));
      if (x1 < covered) continue;
      const isChosen = slice.thread === view.selected?.thread;
      g.fillStyle = isChosen ? colours.accent : colours.running;
      g.fillRect(x0, top, Math.max(1, x1 - x0 - (x1 - x0 > 4 ? 0.5 : 0)), height);
      covered = Math.max(x1, Math.floor(x0) + 1);
      const label = fitText(g, threadText(slice.thread), x1 - x0 - 7);
      if (label) {
        g.fillStyle = colours['on-running'];
        g.fillText(label, x0 + 4, top + 10);
      }
    }
  });
}

// Many processors: one lane, the darker the more of them are busy.
function drawAllLanes(view, g, colours, y) {
  g.fillStyle = colours.running;
  g.globalAlpha = Math.max(0.02, 1 / view.lanes.length);
  for (const lane of view.lanes) {
    for (let i = firstInLane(lane, view.from); i < lane.length && lane[i].t <= view.to; i++) {
      const x0 = xOf(view, lane[i].t);
      g.fillRect(x0, y + 1, Math.max(1, xOf(view, lane[i].end) - x0), Layout.lane - 2);
    }
  }
  g.globalAlpha = 1;
}

function firstInLane(lane, time) {
  let low = 0, high = lane.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (lane[middle].end < time) low = middle + 1; else high = middle;
  }
  return low;
}

function drawStripNames(view, g, colours) {
  const right = (text, y, colour) => {
    g.fillStyle = colour;
    g.fillText(text, view.names - 10 - g.measureText(text).width, y);
  };
  g.font = SmallFont;
  right('whole run, ' + lengthText(view.model.end), Layout.overview / 2 + 4, colours.muted);
  right('on screen: ' + lengthText(view.to - view.from), Layout.overview + 16, colours.muted);
  const y = Layout.overview + Layout.axis;
  right('processes, at most ' + (view.most?.processes ?? 0), y + 14, colours.text);
  right('copied pages, ' + (view.model.counts.pages.at(-1) ?? 0), y + 28, colours.pages);
  const all = laneCount(view) !== view.lanes.length;
  for (let cpu = 0; cpu < laneCount(view); cpu++) {
    right(all ? view.lanes.length + ' processors' : 'processor ' + cpu, y + Layout.count + cpu * Layout.lane + 11, colours.muted);
  }
}
