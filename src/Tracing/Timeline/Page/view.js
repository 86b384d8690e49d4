// What part of the picture is on the screen.

const Layout = { overview: 38, axis: 24, count: 36, lane: 15, mostLanes: 8, row: 22, rowWithCalls: 36, leastWidth: 20 };

function createView(model, tree) {
  return {
    model, tree, lanes: processorSlices(model),
    from: 0, to: Math.max(1, model.end), // visible time
    scroll: 0, names: 268, width: 0, height: 0,
    selected: null, // {thread, slice} or {thread, call}
    matches: [], matchSet: new Set(), match: -1,
    arrows: 0, onlyHere: false, hover: null, range: null, cursor: null,
    hasCalls: model.calls > 0,
  };
}

const rowHeight = view => view.hasCalls ? Layout.rowWithCalls : Layout.row;
const laneCount = view => view.model.processors <= Layout.mostLanes ? view.model.processors : 1;
const stripsBottom = view => Layout.overview + Layout.axis + Layout.count + laneCount(view) * Layout.lane + 6;
const plotWidth = view => Math.max(1, view.width - view.names);
const xOf = (view, time) => view.names + (time - view.from) / (view.to - view.from) * plotWidth(view);
const timeAt = (view, x) => view.from + (x - view.names) / plotWidth(view) * (view.to - view.from);
const yOf = (view, row) => stripsBottom(view) + row * rowHeight(view) - view.scroll;
const rowAt = (view, y) => y < stripsBottom(view) ? -1 : Math.floor((y - stripsBottom(view) + view.scroll) / rowHeight(view));

function showTime(view, from, to) {
  const whole = Math.max(1, view.model.end), margin = whole * 0.01;
  let span = Math.min(Math.max(to - from, Layout.leastWidth), whole + 2 * margin);
  let begin = from + (to - from - span) / 2;
  begin = Math.min(Math.max(begin, -margin), whole + margin - span);
  view.from = begin;
  view.to = begin + span;
}

function fit(view) {
  const margin = Math.max(1, view.model.end) * 0.01;
  showTime(view, -margin, view.model.end + margin);
}

function zoom(view, factor, x) {
  const fixed = timeAt(view, x ?? view.names + plotWidth(view) / 2);
  showTime(view, fixed - (fixed - view.from) * factor, fixed + (view.to - fixed) * factor);
}

function pan(view, pixels) {
  const time = pixels / plotWidth(view) * (view.to - view.from);
  showTime(view, view.from + time, view.to + time);
}

function scrollTo(view, y) {
  const most = Math.max(0, view.tree.rows.length * rowHeight(view) - (view.height - stripsBottom(view)) + 8);
  view.scroll = Math.min(Math.max(0, y), most);
}

function scrollToRow(view, row) {
  const top = row * rowHeight(view), room = view.height - stripsBottom(view), size = rowHeight(view);
  if (top < view.scroll) scrollTo(view, top - size);
  else if (top + 2 * size > view.scroll + room) scrollTo(view, top + 2 * size - room);
}

const Units = [[1e9, 's'], [1e6, 'ms'], [1e3, 'µs'], [1, 'ns']];

// A length of time with three figures or so.
function lengthText(ns) {
  if (!isFinite(ns)) return '';
  for (const [size, unit] of Units) {
    if (ns >= size) {
      const value = ns / size;
      return value.toFixed(unit === 'ns' ? 0 : value < 10 ? 3 : value < 100 ? 2 : 1) + ' ' + unit;
    }
  }
  return '0 ns';
}

// A point in time, as exact as a step on the axis needs; in the unit that is right for the greatest one near it.
function pointText(ns, step, most = Math.abs(ns)) {
  const [size, unit] = Units.find(([u]) => Math.max(most, step) >= u) ?? Units[3];
  const digits = Math.max(0, Math.ceil(Math.log10(size / step) - 1e-9));
  return (ns / size).toFixed(Math.min(digits, 9)) + ' ' + unit;
}

function axisStep(view) {
  const least = (view.to - view.from) / plotWidth(view) * 92, power = Math.pow(10, Math.floor(Math.log10(least)));
  return power * ([1, 2, 5, 10].find(f => power * f >= least) ?? 10);
}

function stateText(model, thread, i) {
  const state = thread.s[i];
  if (state === Running) return 'running on ' + thread.cpu[i];
  if (state !== Sleeping && state !== Blocked) return States[state];
  const place = model.texts[thread.call[i]] || model.texts[thread.on[i]];
  return place ? (state === Blocked ? 'blocked in ' : '') + place : States[state];
}

const threadText = thread => thread.name + ' ' + thread.tid;
