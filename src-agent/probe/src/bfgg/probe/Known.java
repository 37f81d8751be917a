package bfgg.probe;

import java.io.IOException;
import java.io.InputStream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** Which classes of Gatling the probe knows. */
final class Known {
  static final String WRITER = "io/gatling/core/stats/writer/BufferedFileChannelWriter";
  static final String RESULT = "io/gatling/app/RunResultProcessor";
  static final String RUNNER = "io/gatling/app/Runner";
  static final String COMPONENTS = "io/gatling/core/CoreComponents";

  /** The only method of the result's processor that is changed. */
  static final String READS_LOG = "initLogFileData";

  /** The writer and the result's processor of Gatling 3.13 to 3.16, to the last instruction. */
  private static final String WRITER_SHAPE =
      "e48428a351d2dc85020e2876b8bd1467df0891ef7197e8ae259e1f634eadb4d6";

  private static final String RESULT_SHAPE =
      "28d7e16711cf52d171b90c9bdf04db80a2dcdefc1d2d54ec9e94f31bdce163e0";

  private Known() {}

  /** Null if all classes are known; else what is not, as a sentence without its full stop. */
  static String whatDiffers(ClassLoader gatling) {
    for (String name : new String[] {WRITER, RESULT, RUNNER}) {
      try (InputStream in = gatling.getResourceAsStream(name + ".class")) {
        if (in == null) {
          return name.replace('/', '.') + " is not on the class path";
        }
        if (!is(name, in.readAllBytes())) {
          return name.replace('/', '.') + " of this Gatling is not known";
        }
      } catch (IOException | RuntimeException cause) {
        return name.replace('/', '.') + " cannot be read: " + cause;
      }
    }
    return null;
  }

  /** Whether this class file is the one we know under that name. */
  static boolean is(String name, byte[] classFile) {
    switch (name) {
      case WRITER:
        return Shape.of(classFile).equals(WRITER_SHAPE);
      case RESULT:
        return Shape.of(classFile).equals(RESULT_SHAPE);
      case RUNNER:
        return starts(classFile) == 1;
      default:
        return false;
    }
  }

  /** How many methods of the runner are its start. The runner's own code differs by version. */
  private static int starts(byte[] classFile) {
    int[] found = {0};
    ClassVisitor counting =
        new ClassVisitor(Opcodes.ASM9) {
          @Override
          public MethodVisitor visitMethod(
              int access, String name, String descriptor, String signature, String[] exceptions) {
            if (isStart(access, name, descriptor)) {
              found[0]++;
            }
            return null;
          }
        };
    new ClassReader(classFile).accept(counting, ClassReader.SKIP_CODE);
    return found[0];
  }

  /** Whether a method of the runner is the one in which the load begins. */
  static boolean isStart(int access, String name, String descriptor) {
    int odd = Opcodes.ACC_STATIC | Opcodes.ACC_ABSTRACT | Opcodes.ACC_NATIVE;
    return name.equals("start")
        && (access & odd) == 0
        && descriptor.contains("L" + COMPONENTS + ";")
        && descriptor.endsWith(")Lscala/util/Try;");
  }
}
