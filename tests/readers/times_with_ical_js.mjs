// Reads whole feeds with ical.js: a feed in base64 on each line in, the times of 2026 on each line out.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const ICAL = createRequire(`${process.argv[2]}/`)("ical.js");
const FIRST = Date.UTC(2026, 0, 1) / 1000;
const LAST = Date.UTC(2027, 0, 1) / 1000;
const MOST = 20000;

function* occurrences(entries) {
  const master = entries.find((each) => !each.hasProperty("recurrence-id"));
  const exceptions = entries.filter((each) => each !== master);
  if (master === undefined) {
    for (const each of exceptions.map((entry) => new ICAL.Event(entry))) {
      yield [each.startDate, each.endDate];
    }
    return;
  }
  const event = new ICAL.Event(master, { exceptions, strictExceptions: true });
  if (!event.isRecurring()) {
    yield [event.startDate, event.endDate];
    return;
  }
  const iterator = event.iterator();
  for (let count = 0; count < MOST; count += 1) {
    const next = iterator.next();
    if (!next || next.toUnixTime() >= LAST) return;
    const { startDate, endDate } = event.getOccurrenceDetails(next);
    yield [startDate, endDate];
  }
}

function read(file) {
  const calendar = new ICAL.Component(ICAL.parse(file));
  ICAL.TimezoneService.reset();
  for (const definition of calendar.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(new ICAL.Timezone(definition));
  }
  const groups = new Map();
  for (const entry of calendar.getAllSubcomponents("vevent")) {
    const uid = entry.getFirstPropertyValue("uid");
    groups.set(uid, [...(groups.get(uid) ?? []), entry]);
  }
  const times = [];
  for (const entries of groups.values()) {
    for (const [start, end] of occurrences(entries)) {
      const [begins, ends] = [start.toUnixTime(), end.toUnixTime()];
      if (ends > FIRST && begins < LAST) times.push(`${begins}/${ends}`);
    }
  }
  return times.sort().join(" ");
}

const lines = readFileSync(0, "ascii").split("\n").filter(Boolean);
const answers = lines.map((line) => {
  try {
    return read(Buffer.from(line, "base64").toString("utf8"));
  } catch (fault) {
    return `fault: ${String(fault).replace(/\s+/g, " ")}`;
  }
});
process.stdout.write(answers.join("\n") + "\n");
