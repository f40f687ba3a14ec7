/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

import java.lang.classfile.Opcode;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Knows which methods of the foreign-function API changed after Java 21, and which shim does the work of each.
 *
 * <p>A public static method of {@link Shim21} replaces the instance method of its first parameter's class that has its
 * name and its other parameters; or, where {@link Shim21.InsteadOf} says so, the static method of the same parameters.
 */
final class ShimTable {

    private static final String FOREIGN = "java/lang/foreign/";

    /** Of the same signature in Java 21, but the handles they return take an offset more since; and without a shim. */
    private static final Set<String> NO_SHIM = Set.of("byteOffsetHandle", "sliceHandle");

    private final Map<Call, Shim> shims = new HashMap<>();

    /** A method's name and descriptor, without regard to its class: a call may name any subclass. */
    private record Call(String name, String descriptor) {}

    /** A method to call, and the class whose method it replaces. */
    record Shim(ClassDesc owner, String name, MethodTypeDesc type, Class<?> replaces, boolean isStatic) {}

    ShimTable() {
        for (Method method : Shim21.class.getDeclaredMethods()) {
            if (Modifier.isPublic(method.getModifiers())) {
                add(method);
            }
        }
    }

    private void add(Method method) {
        Shim21.InsteadOf declared = method.getAnnotation(Shim21.InsteadOf.class);
        boolean isStatic = declared != null;
        MethodType type = MethodType.methodType(method.getReturnType(), method.getParameterTypes());
        MethodType replaced = isStatic ? type : type.dropParameterTypes(0, 1);
        Shim shim = new Shim(
                Shim21.class.describeConstable().orElseThrow(),
                method.getName(),
                type.describeConstable().orElseThrow(),
                isStatic ? declared.value() : type.parameterType(0),
                isStatic);
        if (shims.put(new Call(method.getName(), replaced.descriptorString()), shim) != null) {
            throw new IllegalStateException("two shims for calls of " + method.getName() + replaced);
        }
    }

    /** Returns what to call instead, if anything. */
    Optional<Shim> insteadOf(InvokeInstruction call) {
        boolean isStatic = call.opcode() == Opcode.INVOKESTATIC;
        return shim(call.method()).filter(shim -> shim.isStatic() == isStatic);
    }

    /** Tells whether a reference, such as that of a method reference, needs a shim and did not get it. */
    boolean stillNeeded(MemberRefEntry reference) {
        boolean foreign = reference.owner().asInternalName().startsWith(FOREIGN);
        return shim(reference).isPresent() || foreign && NO_SHIM.contains(reference.name().stringValue());
    }

    private Optional<Shim> shim(MemberRefEntry reference) {
        String owner = reference.owner().asInternalName();
        if (!owner.startsWith(FOREIGN)) {
            return Optional.empty();
        }
        Shim shim = shims.get(new Call(reference.name().stringValue(), reference.type().stringValue()));
        return Optional.ofNullable(shim).filter(found -> found.replaces().isAssignableFrom(classOf(owner)));
    }

    private static Class<?> classOf(String internalName) {
        try {
            return Class.forName(internalName.replace('/', '.'));
        } catch (ClassNotFoundException compiledAgainstAnotherJdk) {
            throw new IllegalStateException(compiledAgainstAnotherJdk);
        }
    }
}
