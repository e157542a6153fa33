// Reads calendar files with ical.js: a file in base64 on each line in, what it says on each line out.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const ICAL = createRequire(`${process.argv[2]}/`)("ical.js");

function read(file) {
  const calendar = new ICAL.Component(ICAL.parse(file));
  // As a program does that has no zones of its own: by the definitions in the file.
  ICAL.TimezoneService.reset();
  for (const definition of calendar.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(new ICAL.Timezone(definition));
  }
  const event = calendar.getFirstSubcomponent("vevent");
  const instant = (name) => {
    const time = event.getFirstPropertyValue(name);
    if (time.zone === ICAL.Timezone.localTimezone) throw new Error(`${name} is in no zone`);
    return time.toUnixTime();
  };
  const text = (name) => Buffer.from(event.getFirstPropertyValue(name) ?? "").toString("base64");
  return [
    instant("dtstart"),
    instant("dtend"),
    text("summary"),
    text("location"),
    text("description"),
    text("categories"),
    text("color"),
  ].join("\t");
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
