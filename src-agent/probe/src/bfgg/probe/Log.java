package bfgg.probe;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Gatling's log. Its writer's public methods were made {@code synchronized}, so that whoever has the
 * writer's monitor has its buffer.
 */
final class Log {
  private static final List<Log> all = new CopyOnWriteArrayList<>();

  private final Object writer;
  private final ByteBuffer buffer;
  private final FileChannel channel;

  private Log(Object writer) throws ReflectiveOperationException {
    this.writer = writer;
    this.buffer = (ByteBuffer) field(writer, "bb");
    this.channel = (FileChannel) field(writer, "channel");
  }

  private static Object field(Object of, String name) throws ReflectiveOperationException {
    Field field = of.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(of);
  }

  /** Gatling has opened its log. */
  static void opened(Object writer) {
    try {
      all.add(new Log(writer));
    } catch (Throwable problem) {
      Probe.notFlushed(problem);
    }
  }

  /** Writes what is in the buffers. */
  static void flushAll() {
    for (Log log : all) {
      try {
        if (!log.flush()) {
          all.remove(log);
        }
      } catch (IOException notNow) {
        // The disk is full, say: what could not be written stays in the buffer.
      } catch (Throwable problem) {
        all.remove(log);
        Probe.notFlushed(problem);
      }
    }
  }

  /**
   * Writes the buffer; false once the log is closed. Unlike the writer's own flush it keeps what it
   * could not write.
   */
  private boolean flush() throws IOException {
    synchronized (writer) {
      if (!channel.isOpen()) {
        return false;
      }
      if (buffer.position() > 0) {
        buffer.flip();
        try {
          while (buffer.hasRemaining()) {
            channel.write(buffer);
          }
        } finally {
          buffer.compact();
        }
      }
      return true;
    }
  }
}
