// Reads calendar files with ical4j: a file in base64 on each line in, what it says on each line out.

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import java.time.temporal.Temporal;
import java.util.Base64;
import net.fortuna.ical4j.data.CalendarBuilder;
import net.fortuna.ical4j.model.Calendar;
import net.fortuna.ical4j.model.Property;
import net.fortuna.ical4j.model.component.VEvent;
import net.fortuna.ical4j.model.property.DateProperty;

final class ReadWithIcal4j {
    public static void main(String[] arguments) throws IOException {
        BufferedReader files =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
        for (String line = files.readLine(); line != null; line = files.readLine()) {
            out.println(read(Base64.getDecoder().decode(line)));
        }
        out.flush();
    }

    private static String read(byte[] file) {
        try {
            Calendar calendar = new CalendarBuilder().build(new ByteArrayInputStream(file));
            VEvent event = (VEvent) calendar.getComponent("VEVENT").orElseThrow();
            return String.join(
                    "\t",
                    String.valueOf(instant(event, "DTSTART").getEpochSecond()),
                    String.valueOf(instant(event, "DTEND").getEpochSecond()),
                    text(event, "SUMMARY"),
                    text(event, "LOCATION"),
                    text(event, "DESCRIPTION"),
                    text(event, "CATEGORIES"),
                    text(event, "COLOR"));
        } catch (Exception fault) {
            return "fault: " + fault.toString().replaceAll("\\s+", " ");
        }
    }

    private static Instant instant(VEvent event, String name) {
        DateProperty<?> property = (DateProperty<?>) event.getProperty(name).orElseThrow();
        Temporal date = property.getDate();
        if (date instanceof LocalDateTime) {
            throw new IllegalStateException(name + " is in no zone");
        }
        if (date instanceof ZonedDateTime zoned) {
            return zoned.toInstant();
        }
        return Instant.from(date);
    }

    private static String text(VEvent event, String name) {
        String value = event.getProperty(name).map(Property::getValue).orElse("");
        return Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
    }
}
