package bfgg.probe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The run's folder, by which the agent and its supervisor speak to us. */
final class RunFolder {
  // `control` is one flat object that the agent writes; nothing of the user's is in it.
  private static final Pattern RELEASE = Pattern.compile("\"release_ms\"\\s*:\\s*(\\d{1,18})");
  private static final Pattern STOP = Pattern.compile("\"(stop|force)\"\\s*:\\s*true");

  private final Path path;

  RunFolder(Path path) {
    this.path = path;
  }

  /** When the load is to begin, ms since 1970; -1 where that is not said yet. */
  long release() {
    Matcher found = RELEASE.matcher(control());
    return found.find() ? Long.parseLong(found.group(1)) : -1;
  }

  /** Whether the run is to end: the agent says so, or the supervisor, when its time is over. */
  boolean stop() {
    return Files.exists(path.resolve("stop")) || STOP.matcher(control()).find();
  }

  /** What cannot be read now is read again: the agent replaces the file as a whole. */
  private String control() {
    try {
      return Files.readString(path.resolve("control"));
    } catch (IOException notNow) {
      return "";
    }
  }

  /** Writes a file beside and renames it. */
  synchronized void write(String name, String text) {
    try {
      Path beside = path.resolve(name + ".new");
      Files.writeString(beside, text);
      Files.move(
          beside,
          path.resolve(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException notNow) {
      // It is written again within a second.
    }
  }
}
