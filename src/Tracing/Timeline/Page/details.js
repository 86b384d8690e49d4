// The panel below, the tip at the pointer, the legend. Texts go in as text, never as markup.

function element(name, text, parent) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  parent?.append(made);
  return made;
}

function showDetails(view, panel, go) {
  panel.replaceChildren();
  const { thread, slice, call } = view.selected ?? {};
  if (!thread) {
    const hint = element('p', 'Click a slice, a mark or a name for details. The wheel zooms, dragging moves; press ? for the keys.', panel);
    hint.className = 'hint';
    return;
  }
  const heading = element('h2', '', panel), dot = element('i', '', heading), columns = element('div', '', panel);
  columns.className = 'columns';
  if (call !== undefined) {
    dot.style.background = 'var(--call)';
    heading.append(threadText(thread) + ': ' + view.model.texts[thread.calls.name[call]]);
    describeCall(view, columns, thread, call);
  } else if (slice !== undefined && slice >= 0) {
    dot.style.background = 'var(--' + StateColours[thread.s[slice]] + ')';
    heading.append(threadText(thread) + ': ' + States[thread.s[slice]]);
    describeSlice(view, columns, thread, slice, go);
  } else {
    dot.style.background = 'var(--accent)';
    heading.append(threadText(thread));
  }
  describeThread(view, columns, thread, go);
  describeNear(view, columns, thread);
}

function facts(parent, list) {
  const table = element('dl', '', parent);
  for (const [name, value, link, isCode] of list) {
    if (value === undefined || value === null || value === '') continue;
    element('dt', name, table);
    const cell = element('dd', '', table);
    if (isCode) cell.className = 'code';
    const inner = link ? element('a', value, cell) : (cell.textContent = value, null);
    if (inner) inner.addEventListener('click', link);
  }
}

function describeCall(view, parent, thread, i) {
  const calls = thread.calls, end = calls.end[i] < 0 ? Math.min(thread.end, view.model.end) : calls.end[i];
  facts(parent, [
    ['begin', pointText(calls.t[i], 1)],
    ['length', lengthText(end - calls.t[i])],
    ['result', view.model.texts[calls.result[i]] || 'none'],
  ]);
}

function describeSlice(view, parent, thread, i, go) {
  const begin = thread.t[i], end = sliceEnd(view.model, thread, i), flows = view.model.flows;
  const list = [
    ['begin', pointText(begin, 1)],
    ['length', lengthText(end - begin)],
    ['processor', thread.s[i] === Running ? String(thread.cpu[i]) : ''],
    ['in', view.model.texts[thread.call[i]]],
    ['waits for', view.model.texts[thread.on[i]]],
  ];
  const words = [['made by', 'made'], ['woken by', 'woke'], ['reaped', 'reaped by']];
  let links = 0;
  for (let f = lastNotAbove(flows.t, begin - 1) + 1; f < flows.t.length && flows.t[f] <= end && links < 6; f++) {
    const isIn = flows.to[f] === thread.index, isOut = flows.from[f] === thread.index;
    // An arrow at the end comes into the slice after it.
    if ((!isIn && !isOut) || (isIn && flows.t[f] === end && end !== begin && flows.kind[f] !== 2)) continue;
    const other = view.model.threads[isIn ? flows.from[f] : flows.to[f]], time = flows.t[f];
    list.push([words[flows.kind[f]][isIn ? 0 : 1], threadText(other), () => go(other, time)]);
    links++;
  }
  facts(parent, list);
}

function describeThread(view, parent, thread, go) {
  const process = view.tree.owner[thread.index], maker = view.model.threads[thread.maker];
  let running = 0;
  for (let i = 0; i < thread.t.length; i++) if (thread.s[i] === Running) running += sliceEnd(view.model, thread, i) - thread.t[i];
  const end = Math.min(thread.end, view.model.end);
  facts(parent, [
    ['command', thread.command, null, true],
    ['process', String(thread.pid) + (thread.tid !== thread.pid ? ', thread ' + thread.tid : '')],
    ['made by', maker ? threadText(maker) : '', () => go(maker, thread.start)],
    ['lived', pointText(thread.start, 1e3) + ' to ' + pointText(end, 1e3) + ', ' + lengthText(end - thread.start)],
    ['on a processor', lengthText(running) + (end > thread.start ? ', ' + (100 * running / (end - thread.start)).toFixed(1) + ' %' : '')],
    ['threads', process.threads.length ? String(process.threads.length + 1) : ''],
    ['children', process.children.length ? String(process.children.length) : ''],
  ]);
}

// Marks of the slice, or else of the whole row.
function describeNear(view, parent, thread) {
  const { slice, call } = view.selected, marks = thread.marks, list = [];
  const whole = slice === undefined || slice < 0;
  const begin = call !== undefined ? thread.calls.t[call] : whole ? 0 : thread.t[slice];
  const end = call !== undefined ? thread.calls.end[call] : whole ? Infinity : sliceEnd(view.model, thread, slice);
  for (let i = lastNotAbove(marks.t, begin - 1) + 1; i < marks.t.length && marks.t[i] <= end; i++) {
    if (whole && marks.kind[i] === Sample) continue;
    if (list.length === 40) {
      list.push(['…', 'more']);
      break;
    }
    const text = view.model.texts[marks.text[i]];
    list.push([pointText(marks.t[i], 1e3), marks.kind[i] === Sample ? 'sample ' + text.split(';').reverse().join(' < ') : text, null, marks.kind[i] === Sample]);
  }
  facts(parent, list);
}

function tipText(view, hit) {
  const { thread, slice, call, mark } = hit;
  if (mark !== undefined) {
    const text = view.model.texts[thread.marks.text[mark]], time = 'at ' + pointText(thread.marks.t[mark], 1e3);
    return thread.marks.kind[mark] === Sample ? 'sample ' + time + '\n' + text.split(';').reverse().slice(0, 16).join('\n') : text + '\n' + time;
  }
  if (call !== undefined) {
    const calls = thread.calls, result = view.model.texts[calls.result[call]];
    return view.model.texts[calls.name[call]] + (result ? ' = ' + result : '') + (calls.end[call] < 0 ? '' : '\n' + lengthText(calls.end[call] - calls.t[call]));
  }
  if (slice === undefined) return threadText(thread) + (thread.command ? '\n' + thread.command : '');
  if (slice < 0) return '';
  const on = view.model.texts[thread.on[slice]], state = stateText(view.model, thread, slice);
  const words = thread.s[slice] === Sleeping ? 'sleeping' + (state === States[Sleeping] ? '' : ' in ' + state) : state;
  return threadText(thread) + ': ' + words + (on && on !== state ? ' (' + on + ')' : '') + '\n' + lengthText(sliceEnd(view.model, thread, slice) - thread.t[slice]);
}

function showLegend(list, hasSamples) {
  const add = (name, isMark) => {
    const item = element('li', '', list), sign = element('i', '', item);
    if (isMark) {
      sign.className = 'mark';
      sign.style.borderBottomColor = 'var(--' + name + ')';
    } else {
      sign.style.background = 'var(--' + name + ')';
    }
    item.append(name);
  };
  for (const name of StateColours.slice(2)) add(name, false);
  for (const name of Marks.slice(0, Sample)) add(name, true);
  if (hasSamples) add(Marks[Sample], false);
}
