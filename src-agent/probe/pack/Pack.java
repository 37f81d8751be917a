import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Makes probe.jar of the probe's classes and of ASM, which moves to a package of ours so that the
 * user's own is not met. The same input gives the same bytes.
 *
 * <p>Arguments: the folder of classes, ASM's jar, ASM's licence, the jar to write.
 */
final class Pack {
  private static final String FROM = "org/objectweb/asm/";
  private static final String TO = "bfgg/probe/asm/";
  private static final String MANIFEST =
      "Manifest-Version: 1.0\r\nPremain-Class: bfgg.probe.Probe\r\n\r\n";

  public static void main(String[] arguments) throws IOException {
    Path classes = Path.of(arguments[0]);
    Map<String, byte[]> entries = new TreeMap<>();
    List<Path> files;
    try (Stream<Path> walk = Files.walk(classes)) {
      files = walk.filter(file -> file.toString().endsWith(".class")).collect(Collectors.toList());
    }
    for (Path file : files) {
      String name = classes.relativize(file).toString().replace('\\', '/');
      entries.put(name, moved(Files.readAllBytes(file)));
    }
    try (ZipFile asm = new ZipFile(arguments[1])) {
      for (ZipEntry entry : asm.stream().toArray(ZipEntry[]::new)) {
        String name = entry.getName();
        if (name.startsWith(FROM) && name.endsWith(".class")) {
          try (InputStream in = asm.getInputStream(entry)) {
            entries.put(TO + name.substring(FROM.length()), moved(in.readAllBytes()));
          }
        }
      }
    }
    entries.put("META-INF/LICENSE-asm.txt", Files.readAllBytes(Path.of(arguments[2])));
    try (ZipOutputStream jar = new ZipOutputStream(Files.newOutputStream(Path.of(arguments[3])))) {
      put(jar, "META-INF/MANIFEST.MF", MANIFEST.getBytes(StandardCharsets.UTF_8));
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        put(jar, entry.getKey(), entry.getValue());
      }
    }
  }

  /** Stored: what a compressor makes differs by its version. */
  private static void put(ZipOutputStream jar, String name, byte[] bytes) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(crc.getValue());
    entry.setTimeLocal(LocalDateTime.of(1980, 2, 1, 0, 0));
    jar.putNextEntry(entry);
    jar.write(bytes);
    jar.closeEntry();
  }

  /** All names of a class file are in the texts of its constants. */
  private static byte[] moved(byte[] classFile) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(classFile));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(classFile.length + 1024);
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(in.readLong());
    int count = in.readUnsignedShort();
    out.writeShort(count);
    for (int index = 1; index < count; index++) {
      int tag = in.readUnsignedByte();
      out.writeByte(tag);
      switch (tag) {
        case 1:
          out.writeUTF(in.readUTF().replace(FROM, TO));
          break;
        case 5:
        case 6:
          out.write(in.readNBytes(8));
          index++;
          break;
        case 7:
        case 8:
        case 16:
        case 19:
        case 20:
          out.write(in.readNBytes(2));
          break;
        case 15:
          out.write(in.readNBytes(3));
          break;
        case 3:
        case 4:
        case 9:
        case 10:
        case 11:
        case 12:
        case 17:
        case 18:
          out.write(in.readNBytes(4));
          break;
        default:
          throw new IOException("a constant of unknown kind " + tag);
      }
    }
    in.transferTo(out);
    return bytes.toByteArray();
  }
}
