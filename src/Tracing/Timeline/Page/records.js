// Reading the records; TimelinePageWriter.cs says what they hold.

const States = ['none', 'new', 'running', 'runnable', 'sleeping', 'blocked', 'stopped', 'zombie'];
const None = 0, Running = 2, Sleeping = 4, Blocked = 5;
const Flows = ['fork', 'wake', 'reap'];
const Marks = ['exec', 'signal', 'fault', 'exit', 'sample'];
const Sample = 4;

function readBlocks(elements) {
  const parts = [];
  let length = 0;
  for (const element of elements) {
    const letters = element.textContent.trim(), text = atob(letters.slice(0, letters.length - letters.length % 4));
    const part = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) part[i] = text.charCodeAt(i);
    parts.push(part);
    length += part.length;
    element.remove();
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

// What would be invisible, or would turn the text around it, is shown as an escape.
function visible(text) {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, c => {
    if (c === '\n') return '\\n';
    if (c === '\t') return '\\t';
    return '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0');
  });
}

function readRecords(bytes) {
  const model = {
    title: '', processors: 1, started: 0, end: 0, whole: false,
    texts: [''], threads: [],
    flows: { t: [], kind: [], from: [], to: [] },
    counts: { t: [], live: [], zombies: [], pages: [] },
    slices: 0, marks: 0, calls: 0, samples: 0,
  };
  const utf8 = new TextDecoder('utf-8');
  let at = 0, now = 0;
  const number = () => {
    let value = 0, scale = 1;
    for (;;) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80 || at > bytes.length) return value;
      scale *= 128;
    }
  };
  while (at < bytes.length) {
    const op = bytes[at++];
    if (op === 0) {
      const length = number();
      model.texts.push(visible(utf8.decode(bytes.subarray(at, at + length))));
      at += length;
      continue;
    }
    now += number();
    model.end = now;
    switch (op) {
      case 1: readThread(model, now, number); break;
      case 2: {
        const thread = model.threads[number()];
        thread.t.push(now);
        thread.s.push(number());
        thread.cpu.push(number());
        thread.call.push(number());
        thread.on.push(number());
        model.slices++;
        break;
      }
      case 3: model.threads[number()].end = now; break;
      case 4:
        model.flows.t.push(now);
        model.flows.kind.push(number());
        model.flows.from.push(number());
        model.flows.to.push(number());
        break;
      case 5: {
        const marks = model.threads[number()].marks;
        const kind = number();
        marks.t.push(now);
        marks.kind.push(kind);
        marks.text.push(number());
        if (kind === Sample) model.samples++; else model.marks++;
        break;
      }
      case 6: {
        const calls = model.threads[number()].calls;
        calls.t.push(now);
        calls.name.push(number());
        calls.end.push(-1);
        calls.result.push(0);
        model.calls++;
        break;
      }
      case 7: {
        const calls = model.threads[number()].calls;
        calls.end[calls.end.length - 1] = now;
        calls.result[calls.result.length - 1] = number();
        break;
      }
      case 8:
        model.counts.t.push(now);
        model.counts.live.push(number());
        model.counts.zombies.push(number());
        model.counts.pages.push(number());
        break;
      case 9: model.whole = true; break;
      case 10:
        model.title = number();
        model.processors = number();
        model.started = number();
        model.title = model.texts[model.title];
        break;
      default: return model; // cut off, or of another version
    }
  }
  return model;
}

function readThread(model, now, number) {
  const isNew = number(), index = number(), tid = number(), pid = number(), maker = number() - 1;
  const name = model.texts[number()], command = model.texts[number()];
  if (isNew) {
    model.threads[index] = {
      index, tid, pid, maker, name, command, start: now, end: Infinity,
      t: [], s: [], cpu: [], call: [], on: [],
      marks: { t: [], kind: [], text: [] }, calls: { t: [], end: [], name: [], result: [] },
    };
  }
  const thread = model.threads[index];
  thread.tid = tid;
  thread.name = name;
  if (command) thread.command = command;
}

// The last place whose value is not above; -1 when there is none.
function lastNotAbove(list, value) {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle] <= value) low = middle + 1; else high = middle;
  }
  return low - 1;
}

function sliceEnd(model, thread, i) {
  return i + 1 < thread.t.length ? thread.t[i + 1] : Math.min(thread.end, model.end);
}
