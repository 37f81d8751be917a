package bfgg.probe;

import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Changes three classes of Gatling as the JVM loads them. */
final class Patch implements ClassFileTransformer {
  private static final String HOOKS = "bfgg/probe/Hooks";

  @Override
  public byte[] transform(
      ClassLoader loader,
      String name,
      Class<?> redefined,
      ProtectionDomain domain,
      byte[] classFile) {
    if (name == null || !name.startsWith("io/gatling/") || redefined != null) {
      return null;
    }
    switch (name) {
      case Known.WRITER:
        byte[] guarded = changed(name, classFile);
        Probe.report.acts &= guarded != null;
        return guarded;
      case Known.RESULT:
        return changed(name, classFile);
      case Known.RUNNER:
        byte[] held = changed(name, classFile);
        if (held == null) {
          // Another agent was here first. Nothing may be sent before the instant.
          Probe.holdHere();
        }
        return held;
      default:
        return null;
    }
  }

  /** Null leaves the class as it is. */
  private static byte[] changed(String name, byte[] classFile) {
    try {
      if (!Known.is(name, classFile)) {
        throw new IllegalStateException("not as it is on the class path");
      }
      return of(name, classFile);
    } catch (Throwable problem) {
      Probe.problem(name.replace('/', '.') + " is left as it is", problem);
      return null;
    }
  }

  private static byte[] of(String name, byte[] classFile) {
    ClassReader reader = new ClassReader(classFile);
    // Nothing jumps in what is added, so the frames stay; only the stack may be one deeper.
    ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
    ClassVisitor change =
        name.equals(Known.WRITER)
            ? new Guarded(writer)
            : name.equals(Known.RESULT) ? new Unread(writer) : new Held(writer);
    reader.accept(change, 0);
    return writer.toByteArray();
  }

  /** The log's writer: one thread at a time, and known to us from its construction on. */
  private static final class Guarded extends ClassVisitor {
    Guarded(ClassVisitor next) {
      super(Opcodes.ASM9, next);
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String name, String descriptor, String signature, String[] exceptions) {
      boolean constructor = name.equals("<init>");
      boolean open = (access & Opcodes.ACC_PUBLIC) != 0 && (access & Opcodes.ACC_STATIC) == 0;
      int guarded = open && !constructor ? access | Opcodes.ACC_SYNCHRONIZED : access;
      MethodVisitor next = super.visitMethod(guarded, name, descriptor, signature, exceptions);
      if (!constructor) {
        return next;
      }
      return new MethodVisitor(Opcodes.ASM9, next) {
        @Override
        public void visitInsn(int opcode) {
          if (opcode == Opcodes.RETURN) {
            visitVarInsn(Opcodes.ALOAD, 0);
            call(this, "opened");
          }
          super.visitInsn(opcode);
        }
      };
    }
  }

  /** The result's processor: there is nothing to read, so there is nothing to fail. */
  private static final class Unread extends ClassVisitor {
    Unread(ClassVisitor next) {
      super(Opcodes.ASM9, next);
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String name, String descriptor, String signature, String[] exceptions) {
      MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
      if (!name.equals(Known.READS_LOG)) {
        return next;
      }
      next.visitCode();
      next.visitFieldInsn(Opcodes.GETSTATIC, "scala/None$", "MODULE$", "Lscala/None$;");
      next.visitInsn(Opcodes.ARETURN);
      next.visitMaxs(0, 0);
      next.visitEnd();
      return null;
    }
  }

  /** The runner: its start waits for us first. */
  private static final class Held extends ClassVisitor {
    Held(ClassVisitor next) {
      super(Opcodes.ASM9, next);
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String name, String descriptor, String signature, String[] exceptions) {
      MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
      if (!Known.isStart(access, name, descriptor)) {
        return next;
      }
      return new MethodVisitor(Opcodes.ASM9, next) {
        @Override
        public void visitCode() {
          super.visitCode();
          visitVarInsn(Opcodes.ALOAD, components(descriptor));
          call(this, "hold");
        }
      };
    }

    /** The variable that has the components. */
    private static int components(String descriptor) {
      int variable = 1;
      for (Type argument : Type.getArgumentTypes(descriptor)) {
        if (argument.getSort() == Type.OBJECT && argument.getInternalName().equals(Known.COMPONENTS)) {
          break;
        }
        variable += argument.getSize();
      }
      return variable;
    }
  }

  private static void call(MethodVisitor method, String hook) {
    method.visitMethodInsn(
        Opcodes.INVOKESTATIC, HOOKS, hook, "(Ljava/lang/Object;)V", false);
  }
}
