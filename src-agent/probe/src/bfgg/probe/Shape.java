package bfgg.probe;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * A class as one hash: its members and every instruction, without what differs from build to build
 * (line numbers, names of variables, the order of constants).
 */
final class Shape extends ClassVisitor {
  private final StringBuilder text = new StringBuilder(8192);

  private Shape() {
    super(Opcodes.ASM9);
  }

  /** SHA-256 in hex digits. */
  static String of(byte[] classFile) {
    Shape shape = new Shape();
    new ClassReader(classFile).accept(shape, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      StringBuilder hex = new StringBuilder(64);
      for (byte b : digest.digest(shape.text.toString().getBytes(StandardCharsets.UTF_8))) {
        hex.append(String.format("%02x", b));
      }
      return hex.toString();
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void line(Object... parts) {
    for (Object part : parts) {
      text.append(part instanceof Object[] ? Arrays.toString((Object[]) part) : part).append(' ');
    }
    text.append('\n');
  }

  @Override
  public void visit(
      int version, int access, String name, String signature, String parent, String[] interfaces) {
    line("class", access, name, parent, interfaces);
  }

  @Override
  public FieldVisitor visitField(
      int access, String name, String descriptor, String signature, Object value) {
    line("field", access, name, descriptor, value);
    return null;
  }

  @Override
  public MethodVisitor visitMethod(
      int access, String name, String descriptor, String signature, String[] exceptions) {
    line("method", access, name, descriptor);
    return new Code();
  }

  private final class Code extends MethodVisitor {
    private final java.util.Map<Label, Integer> labels = new java.util.HashMap<>();

    Code() {
      super(Opcodes.ASM9);
    }

    private int number(Label label) {
      return labels.computeIfAbsent(label, unseen -> labels.size());
    }

    @Override
    public void visitInsn(int opcode) {
      line(opcode);
    }

    @Override
    public void visitIntInsn(int opcode, int operand) {
      line(opcode, operand);
    }

    @Override
    public void visitVarInsn(int opcode, int variable) {
      line(opcode, variable);
    }

    @Override
    public void visitTypeInsn(int opcode, String type) {
      line(opcode, type);
    }

    @Override
    public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
      line(opcode, owner, name, descriptor);
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String name, String descriptor, boolean isInterface) {
      line(opcode, owner, name, descriptor, isInterface);
    }

    @Override
    public void visitInvokeDynamicInsn(
        String name, String descriptor, Handle bootstrap, Object... arguments) {
      line("dynamic", name, descriptor, bootstrap, arguments);
    }

    @Override
    public void visitJumpInsn(int opcode, Label label) {
      line(opcode, number(label));
    }

    @Override
    public void visitLabel(Label label) {
      line("label", number(label));
    }

    @Override
    public void visitLdcInsn(Object value) {
      line("constant", value);
    }

    @Override
    public void visitIincInsn(int variable, int increment) {
      line("add", variable, increment);
    }

    @Override
    public void visitTableSwitchInsn(int min, int max, Label dflt, Label... others) {
      line("table", min, max, number(dflt), numbers(others));
    }

    @Override
    public void visitLookupSwitchInsn(Label dflt, int[] keys, Label[] others) {
      line("lookup", number(dflt), Arrays.toString(keys), numbers(others));
    }

    @Override
    public void visitMultiANewArrayInsn(String descriptor, int dimensions) {
      line("arrays", descriptor, dimensions);
    }

    @Override
    public void visitTryCatchBlock(Label start, Label end, Label handler, String type) {
      line("try", number(start), number(end), number(handler), type);
    }

    private Object[] numbers(Label[] of) {
      return Arrays.stream(of).map(this::number).toArray();
    }
  }
}
