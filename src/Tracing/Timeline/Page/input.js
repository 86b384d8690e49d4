// Mouse, wheel, keyboard.

// What lies at a point: {thread, slice | call | mark}, or null.
function hitAt(view, x, y) {
  const row = view.tree.rows[rowAt(view, y)];
  if (!row) return laneHit(view, x, y);
  const thread = row.thread;
  if (x < view.names) return { thread, row };
  const time = timeAt(view, x), reach = (view.to - view.from) / plotWidth(view), inside = y - yOf(view, rowAt(view, y));
  const mark = nearest(thread.marks.t, time);
  if (inside > 11 && inside < 22 && mark >= 0 && Math.abs(thread.marks.t[mark] - time) < 5 * reach) return { thread, mark, slice: sliceAt(view, thread, thread.marks.t[mark], 0), row };
  if (view.hasCalls && inside >= 20) {
    const call = lastNotAbove(thread.calls.t, time + reach);
    if (call >= 0 && (thread.calls.end[call] < 0 || thread.calls.end[call] + reach >= time)) return { thread, call, row };
  }
  return { thread, slice: sliceAt(view, thread, time, reach), row };
}

function laneHit(view, x, y) {
  const top = Layout.overview + Layout.axis + Layout.count, cpu = Math.floor((y - top) / Layout.lane);
  if (x < view.names || y < top || laneCount(view) !== view.lanes.length || cpu >= view.lanes.length) return null;
  const lane = view.lanes[cpu], time = timeAt(view, x), slice = lane[firstInLane(lane, time)];
  return slice && slice.t <= time ? { thread: slice.thread, slice: slice.slice } : null;
}

function sliceAt(view, thread, time, reach) {
  const i = lastNotAbove(thread.t, time + reach);
  return i >= 0 && sliceEnd(view.model, thread, i) + reach >= time ? i : -1;
}

function nearest(list, value) {
  const i = lastNotAbove(list, value);
  return i + 1 < list.length && (i < 0 || list[i + 1] - value < value - list[i]) ? i + 1 : i;
}

function listen(view, app) {
  const canvas = app.canvas;
  let down = null, moved = false;
  const point = event => ({ x: event.offsetX, y: event.offsetY });
  canvas.addEventListener('wheel', event => {
    event.preventDefault();
    const { x } = point(event), lines = event.deltaMode === 1 ? 16 : 1;
    if (x < view.names) scrollTo(view, view.scroll + event.deltaY * lines);
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan(view, (event.deltaX || event.deltaY) * lines);
    else zoom(view, Math.pow(1.0018, event.deltaY * lines), x);
    app.redraw();
  }, { passive: false });
  canvas.addEventListener('pointerdown', event => {
    if (event.button !== 0) return;
    canvas.focus();
    canvas.setPointerCapture(event.pointerId);
    const { x, y } = point(event);
    down = { x, y, from: view.from, scroll: view.scroll };
    moved = false;
    down.kind = Math.abs(x - view.names) < 5 ? 'divider' : x >= view.names && y < Layout.overview ? 'overview' : x >= view.names && y < Layout.overview + Layout.axis ? 'range' : 'move';
    app.hideTip();
  });
  canvas.addEventListener('pointermove', event => {
    const { x, y } = point(event);
    view.cursor = x;
    if (!down) {
      canvas.style.cursor = Math.abs(x - view.names) < 5 ? 'col-resize' : x >= view.names && y < Layout.overview + Layout.axis ? 'text' : 'default';
      app.showTip(hitAt(view, x, y), x, y);
    } else {
      moved ||= Math.abs(x - down.x) + Math.abs(y - down.y) > 3;
      if (moved) drag(view, down, x, y);
    }
    app.redraw();
  });
  canvas.addEventListener('pointerup', event => {
    const { x, y } = point(event), was = down;
    down = null;
    if (!was) return;
    if (view.range) {
      const a = Math.min(view.range.a, view.range.b), b = Math.max(view.range.a, view.range.b), range = view.range;
      view.range = null;
      if (b - a > 3) showTime(view, range.timeAt(a), range.timeAt(b));
    } else if (!moved) {
      app.click(hitAt(view, x, y), x);
    }
    app.redraw();
  });
  canvas.addEventListener('dblclick', event => {
    const hit = hitAt(view, ...Object.values(point(event)));
    if (hit && event.offsetX >= view.names) app.zoomToSelection();
  });
  canvas.addEventListener('pointerleave', () => {
    view.cursor = null;
    app.hideTip();
    app.redraw();
  });
  addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.getElementById('help').open) return;
    if (event.target.tagName === 'INPUT') {
      if (event.key === 'Escape') canvas.focus();
      return;
    }
    if (event.target.tagName === 'BUTTON' && (event.key === ' ' || event.key === 'Enter')) return;
    const action = app.keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
    app.redraw();
  });
}

function drag(view, down, x, y) {
  if (down.kind === 'divider') {
    view.names = Math.min(Math.max(120, x), view.width - 150);
  } else if (down.kind === 'move') {
    const time = (down.x - x) / plotWidth(view) * (view.to - view.from);
    showTime(view, down.from + time, down.from + time + (view.to - view.from));
    scrollTo(view, down.scroll + down.y - y);
  } else {
    const isOverview = down.kind === 'overview', end = view.model.end;
    view.range = { a: Math.max(view.names, down.x), b: Math.max(view.names, x), timeAt: at => isOverview ? (at - view.names) / plotWidth(view) * end : timeAt(view, at) };
  }
}
