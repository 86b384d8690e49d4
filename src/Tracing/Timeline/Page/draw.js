// Drawing rows, marks and arrows.

const StateColours = ['', 'new', 'running', 'runnable', 'sleeping', 'blocked', 'stopped', 'zombie'];
const Font = '12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif', SmallFont = '11px system-ui, "Segoe UI", "DejaVu Sans", sans-serif';

function readColours() {
  const style = getComputedStyle(document.documentElement), colours = {};
  const names = ['back', 'panel', 'line', 'text', 'muted', 'accent', 'grid', 'row', 'selected', 'match', 'shade', ...Flows, ...Marks, 'call', 'on-call', 'live', 'pages'];
  for (const state of StateColours.slice(1)) names.push(state, 'on-' + state);
  for (const name of names) colours[name] = style.getPropertyValue('--' + name).trim();
  return colours;
}

// As much of a text as fits; nothing when that would be less than three letters.
function fitText(g, text, width) {
  if (width < 14) return '';
  const full = g.measureText(text).width;
  if (full <= width) return text;
  const keep = Math.floor(text.length * (width - 9) / full);
  return keep < 3 ? '' : text.slice(0, keep) + '…';
}

function draw(view, g, colours) {
  g.fillStyle = colours.back;
  g.fillRect(0, 0, view.width, view.height);
  const top = stripsBottom(view);
  g.save();
  g.beginPath();
  g.rect(0, top, view.width, view.height - top);
  g.clip();
  const first = Math.max(0, rowAt(view, top)), last = Math.min(view.tree.rows.length - 1, rowAt(view, view.height));
  for (let row = first; row <= last; row++) drawRowBack(view, g, colours, row);
  drawGrid(view, g, colours, top, view.height);
  g.save();
  g.beginPath();
  g.rect(view.names, top, view.width - view.names, view.height - top);
  g.clip();
  for (let row = first; row <= last; row++) drawRow(view, g, colours, row);
  if (view.arrows < 2) drawFlows(view, g, colours, first, last);
  g.restore();
  for (let row = first; row <= last; row++) drawName(view, g, colours, row);
  drawScrollBar(view, g, colours, top);
  g.restore();
  drawStrips(view, g, colours);
  g.fillStyle = colours.line;
  g.fillRect(view.names - 1, 0, 1, view.height);
}

function drawRowBack(view, g, colours, row) {
  const thread = view.tree.rows[row].thread, y = yOf(view, row), height = rowHeight(view);
  const isSelected = view.selected?.thread && view.tree.rowOf[view.selected.thread.index] === row;
  if (isSelected || row % 2) {
    g.fillStyle = isSelected ? colours.selected : colours.row;
    g.fillRect(0, y, view.width, height);
  }
  if (view.matchSet.has(thread)) {
    g.fillStyle = colours.match;
    g.fillRect(0, y, view.names - 1, height);
  }
}

function drawGrid(view, g, colours, top, bottom) {
  const step = axisStep(view);
  g.fillStyle = colours.grid;
  for (let time = Math.ceil(view.from / step) * step; time <= view.to; time += step) {
    const x = Math.round(xOf(view, time));
    if (x >= view.names) g.fillRect(x, top, 1, bottom - top);
  }
}

function drawRow(view, g, colours, row) {
  const { thread, process, isProcess } = view.tree.rows[row], y = yOf(view, row);
  drawSlices(view, g, colours, thread, y + 3, 16);
  if (view.hasCalls) drawCalls(view, g, colours, thread, y + 20, 12);
  drawMarks(view, g, colours, thread, y + 19);
  if (isProcess && !process.open) {
    const x = xOf(view, thread.start);
    g.fillStyle = colours.muted;
    g.font = SmallFont;
    if (x > view.names + 30) {
      g.textAlign = 'right';
      g.fillText('+' + branchSize(process), x - 5, y + 15);
      g.textAlign = 'left';
    }
  }
}

function branchSize(process) {
  return process.threads.length + process.children.reduce((sum, child) => sum + 1 + branchSize(child), 0);
}

// Slices of a pixel and more are drawn each; what is narrower is summed up, pixel by pixel, into shares.
function drawSlices(view, g, colours, thread, y, height) {
  const scale = plotWidth(view) / (view.to - view.from);
  let i = Math.max(0, lastNotAbove(thread.t, view.from)), shares = null, sharesX = -1;
  g.font = SmallFont;
  const flush = () => {
    if (!shares) return;
    let sum = 0;
    for (const share of shares) sum += share;
    let bottom = y + height;
    for (let state = 1; state < shares.length; state++) {
      const part = sum > 0 ? shares[state] / sum * height : 0;
      if (part <= 0) continue;
      g.fillStyle = colours[StateColours[state]];
      g.fillRect(sharesX, bottom - Math.max(part, 1), 1, Math.max(part, 1));
      bottom -= part;
    }
    shares = null;
  };
  for (; i < thread.t.length && thread.t[i] <= view.to; i++) {
    const begin = thread.t[i], end = sliceEnd(view.model, thread, i), state = thread.s[i];
    if (state === None || end < view.from) continue;
    const x0 = Math.max(view.names - 2, view.names + (begin - view.from) * scale), x1 = Math.min(view.width + 2, view.names + (end - view.from) * scale);
    if (x1 - x0 < 1.5) {
      const x = Math.floor(x0);
      if (x !== sharesX) {
        flush();
        sharesX = x;
      }
      shares ??= [0, 0, 0, 0, 0, 0, 0, 0];
      shares[state] += end - begin;
      continue;
    }
    flush();
    drawSlice(view, g, colours, thread, i, x0, x1, y, height);
  }
  flush();
}

function drawSlice(view, g, colours, thread, i, x0, x1, y, height) {
  const state = StateColours[thread.s[i]], isLow = thread.s[i] === Sleeping;
  const top = isLow ? y + 3 : y, size = isLow ? height - 6 : height;
  g.fillStyle = colours[state];
  g.fillRect(x0, top, Math.max(1, x1 - x0 - (x1 - x0 > 4 ? 0.5 : 0)), size);
  if (view.selected && view.selected.thread === thread && view.selected.slice === i) {
    g.strokeStyle = colours.text;
    g.lineWidth = 2;
    g.strokeRect(x0 + 1, y, Math.max(1, x1 - x0 - 2), height);
  }
  const left = Math.max(x0, view.names) + 4, text = stateText(view.model, thread, i), label = fitText(g, text, Math.min(x1, view.width) - left - 3);
  // A colour says it as well; only what a sleep waits for is worth a part of its name.
  if (!label || (label !== text && !thread.call[i] && !thread.on[i])) return;
  g.fillStyle = colours['on-' + state];
  g.fillText(label, left, y + height / 2 + 4);
}

function drawCalls(view, g, colours, thread, y, height) {
  const calls = thread.calls;
  let lastX = -1;
  g.font = SmallFont;
  for (let i = Math.max(0, lastNotAbove(calls.t, view.from)); i < calls.t.length && calls.t[i] <= view.to; i++) {
    const end = calls.end[i] < 0 ? Math.min(thread.end, view.model.end) : calls.end[i];
    const x0 = Math.max(view.names - 2, xOf(view, calls.t[i])), x1 = Math.min(view.width + 2, xOf(view, end));
    if (x1 < view.names) continue;
    if (x1 - x0 < 1 && Math.floor(x0) === lastX) continue;
    lastX = Math.floor(x0);
    g.fillStyle = colours.call;
    g.fillRect(x0, y, Math.max(1, x1 - x0 - 0.5), height);
    if (view.selected && view.selected.thread === thread && view.selected.call === i) {
      g.strokeStyle = colours.text;
      g.lineWidth = 2;
      g.strokeRect(x0 + 1, y, Math.max(1, x1 - x0 - 2), height);
    }
    const left = Math.max(x0, view.names) + 3, label = fitText(g, view.model.texts[calls.name[i]], Math.min(x1, view.width) - left - 2);
    if (label) {
      g.fillStyle = colours['on-call'];
      g.fillText(label, left, y + height - 2);
    }
  }
}

function drawMarks(view, g, colours, thread, y) {
  const marks = thread.marks;
  let lastX = -9;
  for (let i = Math.max(0, lastNotAbove(marks.t, view.from)); i < marks.t.length && marks.t[i] <= view.to; i++) {
    const x = xOf(view, marks.t[i]);
    if (x < view.names || x - lastX < 2) continue;
    lastX = x;
    const kind = marks.kind[i];
    g.fillStyle = colours[Marks[kind]];
    if (kind === Sample) {
      g.fillRect(x - 0.5, y - 4, 2, 6);
      continue;
    }
    g.strokeStyle = colours.back;
    g.lineWidth = 1;
    g.beginPath();
    g.moveTo(x, y - 6);
    g.lineTo(x + 4, y + 1);
    g.lineTo(x - 4, y + 1);
    g.closePath();
    g.fill();
    g.stroke();
  }
}

// Arrows between rows on the screen. When there are too many to tell apart, only the selected thread's, and forks within the screen.
function drawFlows(view, g, colours, first, last) {
  const flows = view.model.flows, { rowOf } = view.tree, chosen = view.selected?.thread;
  const begin = lastNotAbove(flows.t, view.from) + 1, end = lastNotAbove(flows.t, view.to) + 1, isDense = end - begin > 300;
  const seen = new Set();
  for (let i = begin; i < end; i++) {
    const mine = chosen && (flows.from[i] === chosen.index || flows.to[i] === chosen.index);
    if (!mine && (view.arrows === 1 || (isDense && flows.kind[i] !== 0))) continue;
    const a = rowOf[flows.from[i]], b = rowOf[flows.to[i]];
    if (a === undefined || b === undefined || a === b || Math.min(a, b) > last || Math.max(a, b) < first) continue;
    if (!mine && isDense && (Math.min(a, b) < first || Math.max(a, b) > last)) continue;
    const x = Math.round(xOf(view, flows.t[i])) + 0.5, key = x + ',' + a + ',' + b;
    if (seen.has(key)) continue;
    seen.add(key);
    drawArrow(view, g, colours[Flows[flows.kind[i]]], x, a, b, mine);
  }
}

function drawArrow(view, g, colour, x, a, b, isStrong) {
  const down = b > a, y0 = yOf(view, a) + 11, y1 = yOf(view, b) + (down ? 3 : 19), size = isStrong ? 4 : 3;
  g.globalAlpha = isStrong ? 1 : 0.55;
  g.strokeStyle = g.fillStyle = colour;
  g.lineWidth = isStrong ? 1.5 : 1;
  g.beginPath();
  g.moveTo(x, y0);
  g.lineTo(x, y1);
  g.stroke();
  g.beginPath();
  g.arc(x, y0, 1.8, 0, 7);
  g.moveTo(x, y1);
  g.lineTo(x - size, y1 + (down ? -6 : 6));
  g.lineTo(x + size, y1 + (down ? -6 : 6));
  g.fill();
  g.globalAlpha = 1;
}

function drawName(view, g, colours, row) {
  const { thread, process, depth, isProcess, hasMore } = view.tree.rows[row], y = yOf(view, row), left = 8 + Math.min(depth, 12) * 13;
  if (hasMore) {
    g.fillStyle = colours.muted;
    g.beginPath();
    if (process.open) {
      g.moveTo(left, y + 8);
      g.lineTo(left + 8, y + 8);
      g.lineTo(left + 4, y + 14);
    } else {
      g.moveTo(left + 1, y + 7);
      g.lineTo(left + 7, y + 11);
      g.lineTo(left + 1, y + 15);
    }
    g.fill();
  }
  g.font = Font;
  const id = String(thread.tid), idWidth = g.measureText(id).width;
  g.fillStyle = colours.muted;
  g.fillText(id, view.names - 10 - idWidth, y + 15);
  g.fillStyle = isProcess ? colours.text : colours.muted;
  const room = view.names - 20 - idWidth - (left + 13), name = isProcess ? thread.name : thread.name + ' (thread)';
  g.fillText(fitText(g, name, room), left + 13, y + 15);
  const used = g.measureText(name).width;
  if (!isProcess || !thread.command || room - used < 40) return;
  const blank = thread.command.indexOf(' ');
  if (blank < 0) return;
  g.fillStyle = colours.muted;
  g.font = SmallFont;
  g.fillText(fitText(g, thread.command.slice(blank + 1), room - used - 8), left + 13 + used + 7, y + 15);
}

function drawScrollBar(view, g, colours, top) {
  const all = view.tree.rows.length * rowHeight(view), room = view.height - top;
  if (all <= room) return;
  const size = Math.max(24, room * room / all), at = top + view.scroll / (all - room) * (room - size);
  g.fillStyle = colours.muted;
  g.globalAlpha = 0.5;
  g.fillRect(view.width - 6, Math.min(at, view.height - size), 4, size);
  g.globalAlpha = 1;
}
