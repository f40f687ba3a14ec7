/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.reflect.AccessFlag;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Looks up every class and member of the JDK that rewritten classes refer to, in the JVM they will run on: so use of a
 * newer API fails the build by name, and not a test by chance.
 */
final class LinkCheck implements AutoCloseable {

    /** The prompt drives jdk.jshell, which is in JDKs alone; what runs here is a JRE, and no test starts the prompt here. */
    private static final String NEEDS_A_JDK = "io/panpipe/jshell/";

    private final FileSystem modules;
    private final ShimTable shims;
    private final ClassFile classFile = ClassFile.of();
    private final Map<String, Optional<ClassModel>> loaded = new HashMap<>();

    LinkCheck(Path javaHome, ShimTable shims) throws IOException {
        this.shims = shims;
        modules = FileSystems.newFileSystem(URI.create("jrt:/"), Map.of("java.home", javaHome.toString()));
    }

    /** Fails, with a list, if a class below a folder refers to what is not there. */
    void check(Path classes) throws IOException, LaneException {
        List<Path> files;
        try (Stream<Path> tree = Files.walk(classes)) {
            files = tree.filter(file -> file.toString().endsWith(".class")).toList();
        }
        Set<String> missing = new TreeSet<>();
        for (Path file : files) {
            ClassModel model = classFile.parse(Files.readAllBytes(file));
            if (model.thisClass().asInternalName().startsWith(NEEDS_A_JDK)) {
                continue;
            }
            for (PoolEntry entry : model.constantPool()) {
                if (!links(entry)) {
                    missing.add(describe(entry) + ", used by " + model.thisClass().asInternalName().replace('/', '.'));
                }
            }
        }
        if (!missing.isEmpty()) {
            String line = "\n  NOT IN JRE 21: ";
            throw new LaneException("the classes use what Java 21 does not have, or has with another meaning:" + line
                    + String.join(line, missing));
        }
    }

    private boolean links(PoolEntry entry) throws IOException {
        return switch (entry) {
            case ClassEntry type -> !isJdk(type) || load(type.asInternalName()).isPresent();
            case MemberRefEntry member -> !isJdk(member.owner())
                    || !shims.stillNeeded(member) && has(member.owner().asInternalName(), member);
            default -> true;
        };
    }

    private static boolean isJdk(ClassEntry type) {
        String name = type.asInternalName();
        return name.startsWith("java/") || name.startsWith("javax/") || name.startsWith("jdk/");
    }

    private static String describe(PoolEntry entry) {
        return switch (entry) {
            case MemberRefEntry member -> member.owner().asInternalName().replace('/', '.') + "."
                    + member.name().stringValue() + " " + member.type().stringValue();
            case ClassEntry type -> type.asInternalName().replace('/', '.');
            default -> entry.toString();
        };
    }

    private boolean has(String owner, MemberRefEntry member) throws IOException {
        Optional<ClassModel> found = load(owner);
        if (found.isEmpty()) {
            return false;
        }
        ClassModel model = found.get();
        if (declares(model, member)) {
            return true;
        }
        List<ClassEntry> above = new ArrayList<>(model.interfaces());
        model.superclass().ifPresent(above::add);
        for (ClassEntry type : above) {
            if (has(type.asInternalName(), member)) {
                return true;
            }
        }
        return false;
    }

    private static boolean declares(ClassModel model, MemberRefEntry member) {
        String name = member.name().stringValue();
        String type = member.type().stringValue();
        for (MethodModel method : model.methods()) {
            if (method.methodName().equalsString(name)
                    && (method.methodType().equalsString(type) || isSignaturePolymorphic(method))) {
                return true;
            }
        }
        return model.fields().stream()
                .anyMatch(field -> field.fieldName().equalsString(name) && field.fieldType().equalsString(type));
    }

    /** Tells whether a method, as those that invoke a method handle, has whatever type its caller gives it. */
    private static boolean isSignaturePolymorphic(MethodModel method) {
        return method.flags().has(AccessFlag.NATIVE) && method.flags().has(AccessFlag.VARARGS);
    }

    private Optional<ClassModel> load(String name) throws IOException {
        Optional<ClassModel> known = loaded.get(name);
        if (known == null) {
            known = read(name);
            loaded.put(name, known);
        }
        return known;
    }

    private Optional<ClassModel> read(String name) throws IOException {
        Path links = modules.getPath("/packages", name.substring(0, name.lastIndexOf('/')).replace('/', '.'));
        if (!Files.isDirectory(links)) {
            return Optional.empty();
        }
        List<Path> owners;
        try (Stream<Path> all = Files.list(links)) {
            owners = all.toList();
        }
        for (Path owner : owners) {
            Path file = modules.getPath("/modules", owner.getFileName().toString(), name + ".class");
            if (Files.exists(file)) {
                return Optional.of(classFile.parse(Files.readAllBytes(file)));
            }
        }
        return Optional.empty();
    }

    @Override
    public void close() throws IOException {
        modules.close();
    }
}
